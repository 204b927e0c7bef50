"""Maps show every layer, whatever its mark, and legends that stay inside."""

import numpy as np
import pytest
import torch

from gan_lab.render.maps import BACKDROP, Layer, Panel, Scale, class_layers, map_figure
from gan_lab.render.style import to_image

ROWS = torch.tensor([[-1.0, -1.0], [1.0, 1.0], [0.0, 0.5]])


def dark(*layers):
    image = np.asarray(to_image(map_figure([Panel("map", layers)])).convert("RGB")).astype(int)
    return int((np.abs(image - [255, 0, 255]).sum(2) < 90).sum())


@pytest.mark.parametrize("marker", ["o", "x"])
def test_a_layer_is_seen(marker):
    back = Layer("all", ROWS, BACKDROP)
    assert dark(back) == 0
    assert dark(back, Layer("", ROWS, "#ff00ff", 40.0, marker)) > 20


def test_long_names_stay_inside_the_picture():
    long = "held-out rows that the training rows have missed"
    sheet = map_figure(
        [Panel("map", tuple(Layer(f"{long} {k}", ROWS, BACKDROP) for k in range(4)))]
    )
    to_image(sheet)
    box = sheet.axes[0].get_legend().get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= sheet.bbox.x1


def test_values_take_the_scale_of_the_panel():
    layer = Layer("", ROWS, torch.tensor([0.0, 50.0, 100.0]))
    sheet = map_figure([Panel("level", (layer,), Scale("level", 0.0, 100.0))])
    assert len(sheet.axes) == 2
    assert sheet.axes[0].collections[0].get_clim() == (0, 100)


def test_classes_get_a_layer_each():
    layers = class_layers(ROWS, torch.tensor([0, 2, 2]), ["a", "b", "c"])
    assert [layer.name for layer in layers] == ["a", "c"]
    assert [len(layer.xy) for layer in layers] == [1, 2]
