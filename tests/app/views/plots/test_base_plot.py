from PySide6.QtGui import QColor, QPalette

from dfmamba_live.views.plots.base import Plot


def test_a_plot_owns_its_menu_and_never_shows_it(qtbot):
    plot = Plot()
    qtbot.addWidget(plot)
    plot.show()
    menu = plot.plotItem.ctrlMenu
    assert menu.parent() is plot
    assert menu.isWindow()  # as a child it would be painted over the plot
    assert not menu.isVisible()


def test_a_plot_follows_the_colours_of_the_window(qtbot):
    plot = Plot()
    qtbot.addWidget(plot)
    palette = plot.palette()
    palette.setColor(QPalette.ColorRole.Base, QColor(10, 20, 30))
    palette.setColor(QPalette.ColorRole.PlaceholderText, QColor(200, 100, 50))
    plot.setPalette(palette)
    assert plot.backgroundBrush().color() == QColor(10, 20, 30)
    assert plot.getAxis("left").pen().color() == QColor(200, 100, 50)
