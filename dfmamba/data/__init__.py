"""Pictures of real hands with their labels: who told them, what is kept from training, crops."""
