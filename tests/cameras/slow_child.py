"""A camera process in which reading some features takes long or for ever, as on a real network."""

from __future__ import annotations

import time

from uniad_desktop.cameras.genicam import child, features, tree

SLOW_S = 2.2
SLOW, HANGING = "DeviceVersion", "DeviceTemperature"

_read, _value = features.read, tree._value


def read(node_map, name):
    _dawdle(name)
    return _read(node_map, name)


def value(node, kind):
    _dawdle(node.node.name)
    return _value(node, kind)


def _dawdle(name):
    if name == SLOW:
        time.sleep(SLOW_S)
    while name == HANGING:
        time.sleep(1.0)


if __name__ == "__main__":
    features.read, tree._value = read, value
    child.main()
