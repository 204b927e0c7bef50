"""What happens on the page: one module for each part of it."""

from dash import Dash

from gan_lab.page.callbacks import choices, enter, inversion, places, saving, show
from gan_lab.page.workbench import Workbench


def register_all(app: Dash, workbench: Workbench) -> None:
    """Connect the controls with the workbench."""
    for part in (enter, show, choices, places, inversion, saving):
        part.register(app, workbench)
