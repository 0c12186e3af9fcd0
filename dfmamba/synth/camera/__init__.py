"""What a camera adds: motion, blur, noise, and the crop that a tracker cuts out."""
