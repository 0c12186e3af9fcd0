from dfmamba_live.views.plots.base import Plot


def test_a_plot_shows_no_menu(qtbot):
    plot = Plot()
    qtbot.addWidget(plot)
    plot.show()
    assert not plot.plotItem.ctrlMenu.isVisible()
