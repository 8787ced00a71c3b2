"""Makes `generated.h` from the feature table: GenICam XML and register addresses for the C code."""

from __future__ import annotations

from uniad_desktop.simulator.native.description import (
    CAMERA_PORT,
    addresses,
    all_features,
    description,
    end,
)
from uniad_desktop.simulator.native.features import (
    CAMERA,
    MODULES,
    PRODUCTS,
    SENSOR_HEIGHT,
    SENSOR_WIDTH,
)
from uniad_desktop.simulator.native.formats import LAYOUTS
from uniad_desktop.simulator.native.image_features import (
    CHUNKS,
    FIRST_CHUNK_ID,
    LARGE_HEIGHT,
    LARGE_WIDTH,
)
from uniad_desktop.simulator.native.nodes import TEXT_BYTES, Feature, Kind

_COLOURS = "RGB"


def header() -> str:
    """The C header: addresses, defaults, read-only registers and the XML of every module."""
    places = addresses(CAMERA)
    lines = ["/* Made from features.py at build time; do not edit. */", "#pragma once", ""]
    lines += [f"#define REG_{name} 0x{address:X}" for name, address in places.items()]
    lines += [f"#define REG_END 0x{end(CAMERA):X}", f"#define TEXT_BYTES {TEXT_BYTES}"]
    lines += [
        f"#define STRIDE_{feature.name} {feature.stride}"
        for feature in all_features(CAMERA)
        if feature.selector
    ]
    lines += _values()
    lines += [f"#define PRODUCT_COUNT {len(PRODUCTS)}"]
    lines += [f"#define SENSOR_WIDTH {SENSOR_WIDTH}u", f"#define SENSOR_HEIGHT {SENSOR_HEIGHT}u"]
    lines += [f"#define LARGE_WIDTH {LARGE_WIDTH}u", f"#define LARGE_HEIGHT {LARGE_HEIGHT}u"]
    lines += [f"#define CHUNK_COUNT {len(CHUNKS)}", f"#define FIRST_CHUNK_ID {FIRST_CHUNK_ID}u"]
    for _, categories in MODULES.values():
        for name, address in addresses(categories).items():
            lines.append(f"#define PAGE_{name} 0x{address:X}")
    # Each table is asked for by one file only; elsewhere they would be unused data.
    lines += ["", "#ifdef WITH_LAYOUTS", "", *_layouts(), "#endif", ""]
    lines += ["#ifdef WITH_TABLES", ""]
    lines += _defaults(places)
    lines += _read_only(places)
    lines += _limited(places)
    lines += _kept(places)
    names = ", ".join(f'"{product}"' for product in PRODUCTS)
    lines += [f"static const char *const product_names[] = {{{names}}};", ""]
    lines += _bytes("xml_camera", description("SimCam", CAMERA_PORT, CAMERA))
    for module, (port, categories) in MODULES.items():
        model = "SimCam" + module.capitalize()
        lines += _bytes(f"xml_{module}", description(model, port, categories))
    return "\n".join([*lines, "#endif"]) + "\n"


def _values() -> list[str]:
    """Names for the values of enumerations, and for the banks that a selector chooses."""
    return [
        f"#define {feature.name}_{entry} {value}u"
        for feature in all_features(CAMERA)
        if feature.kind is Kind.ENUMERATION and not feature.chunk
        for entry, value in feature.entries
    ]


def _layouts() -> list[str]:
    lines = ["static const PixelLayout layouts[] = {"]
    for item in LAYOUTS:
        colours = ", ".join(str(_COLOURS.index(colour)) for colour in item.colours)
        entry = f"0x{item.code:08X}u, {item.family}, {item.packing}, {item.bits}, {{{colours}}}"
        lines.append(f"    {{{entry}}},")
    return [*lines, "};", ""]


def _defaults(places: dict[str, int]) -> list[str]:
    lines = ["static const struct {", "    unsigned address;", "    char kind;"]
    lines += ["    double value;", "} register_defaults[] = {"]
    for feature in all_features(CAMERA):
        if feature.name not in places or feature.kind in (Kind.STRING, Kind.REGISTER):
            continue
        for bank, value in enumerate(feature.defaults):
            if value:
                address = places[feature.name] + bank * feature.stride
                lines.append(f"    {{{address}, '{_kind(feature)}', {float(value)!r}}},")
    return [*lines, "};", ""]


def _kind(feature: Feature) -> str:
    """F: double, L: integer of 8 bytes, I: of 4 bytes."""
    if feature.kind is Kind.FLOAT:
        return "F"
    return "L" if feature.size == 8 else "I"


def _read_only(places: dict[str, int]) -> list[str]:
    lines = ["static const struct {", "    unsigned address, size;", "} read_only_registers[] = {"]
    for feature in all_features(CAMERA):
        if not feature.writable and feature.extent:
            lines.append(f"    {{{places[feature.name]}, {feature.extent}}},")
    return [*lines, "};", ""]


def _limited(places: dict[str, int]) -> list[str]:
    """Ranges that the camera checks itself; PixelFormat and sizes have rules of their own."""
    lines = ["static const struct {", "    unsigned address;", "    char kind;"]
    lines += ["    const char *name;", "    double low, high;", "} register_limits[] = {"]
    for feature in all_features(CAMERA):
        low, high = feature.low, feature.high
        if feature.kind is Kind.ENUMERATION and feature.name != "PixelFormat":
            low, high = 0, len(feature.entries) - 1
        elif feature.kind is Kind.BOOLEAN:
            low, high = 0, 1
        if not feature.extent or not feature.writable or low is None:
            continue
        if not isinstance(high, int | float):
            continue
        for bank in range(feature.banks):
            address = places[feature.name] + bank * feature.stride
            entry = f"{address}, '{_kind(feature)}', \"{feature.name}\", {low!r}, {high!r}"
            lines.append(f"    {{{entry}}},")
    return [*lines, "};", ""]


def _kept(places: dict[str, int]) -> list[str]:
    """Registers that a user set keeps."""
    lines = ["static const struct {", "    unsigned address, size;", "} kept_registers[] = {"]
    for feature in all_features(CAMERA):
        kept = feature.extent and feature.writable and feature.streamable
        if kept and feature.kind is not Kind.COMMAND and feature.name != "UserSetSelector":
            lines.append(f"    {{{places[feature.name]}, {feature.extent}}},")
    return [*lines, "};", ""]


def _bytes(name: str, text: str) -> list[str]:
    """A C array; a string literal this long is beyond what C compilers must accept."""
    data = text.encode()
    rows = [",".join(map(str, data[at : at + 24])) for at in range(0, len(data), 24)]
    return [f"static const unsigned char {name}[] = {{", ",\n".join(rows), "};", ""]
