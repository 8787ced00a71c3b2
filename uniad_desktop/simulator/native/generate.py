"""Makes `generated.h` from the feature table: GenICam XML and register addresses for the C code."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from uniad_desktop.simulator.native.features import (
    CAMERA,
    FORMULAS,
    MODULES,
    PRODUCTS,
    TEXT_BYTES,
    Categories,
    Feature,
    Kind,
)

_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<RegisterDescription ModelName="{model}" VendorName="UniAD" ToolTip="Simulated camera" '
    'StandardNameSpace="None" SchemaMajorVersion="1" SchemaMinorVersion="1" '
    'SchemaSubMinorVersion="0" MajorVersion="1" MinorVersion="0" SubMinorVersion="0" '
    'ProductGuid="2f4b8d0e-6c1a-4f57-9b0d-5f3f0c6a7e10" '
    'VersionGuid="2f4b8d0e-6c1a-4f57-9b0d-5f3f0c6a7e11" '
    'xmlns="http://www.genicam.org/GenApi/Version_1_1" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.genicam.org/GenApi/Version_1_1 '
    'http://www.genicam.org/GenApi/GenApiSchema_Version_1_1.xsd">\n'
)


def header() -> str:
    """The C header: addresses, defaults, read-only registers and the XML of every module."""
    addresses = _addresses(CAMERA)
    lines = ["/* Made from features.py at build time; do not edit. */", "#pragma once", ""]
    lines += [f"#define REG_{name} 0x{address:X}" for name, address in addresses.items()]
    lines += [f"#define REG_END 0x{_end(CAMERA):X}", f"#define TEXT_BYTES {TEXT_BYTES}"]
    lines.append(f"#define PRODUCT_COUNT {len(PRODUCTS)}")
    for _, categories in MODULES.values():
        for name, address in _addresses(categories).items():
            lines.append(f"#define PAGE_{name} 0x{address:X}")
    # Only registers.c asks for the tables; elsewhere they would be unused data.
    lines += ["", "#ifdef WITH_TABLES", ""]
    lines += _defaults(addresses)
    lines += _read_only(addresses)
    lines += _limited(addresses)
    names = ", ".join(f'"{product}"' for product in PRODUCTS)
    lines += [f"static const char *const product_names[] = {{{names}}};", ""]
    lines += _bytes("xml_camera", description("SimCam", "Device", CAMERA))
    for module, (port, categories) in MODULES.items():
        model = "SimCam" + module.capitalize()
        lines += _bytes(f"xml_{module}", description(model, port, categories))
    return "\n".join([*lines, "#endif"]) + "\n"


def description(model: str, port: str, categories: Categories) -> str:
    """The GenICam XML (GenApi schema 1.1) of one module whose registers lie behind `port`."""
    addresses = _addresses(categories)
    body = [_category("Root", list(categories))]
    for category, features in categories.items():
        body.append(_category(category, [feature.name for feature in features]))
    for features in categories.values():
        for feature in features:
            body += _nodes(feature, addresses[feature.name], port)
    names = {feature.high for features in categories.values() for feature in features}
    body += [_formula(name) for name in FORMULAS if name in names]
    body.append(f'<Port Name="{port}"/>')
    return _HEAD.format(model=model) + "\n".join(body) + "\n</RegisterDescription>\n"


def _features(categories: Categories) -> Iterator[Feature]:
    for features in categories.values():
        yield from features


def _addresses(categories: Categories) -> dict[str, int]:
    """Register addresses by feature, each a multiple of 8 so that doubles lie well."""
    result, address = {}, 0
    for feature in _features(categories):
        result[feature.name] = address
        address += (feature.size + 7) // 8 * 8
    return result


def _end(categories: Categories) -> int:
    last = list(_features(categories))[-1]
    return _addresses(categories)[last.name] + (last.size + 7) // 8 * 8


def _category(name: str, members: list[str]) -> str:
    inside = "".join(f"<pFeature>{member}</pFeature>" for member in members)
    return f'<Category Name="{name}">{inside}</Category>'


def _formula(name: str) -> str:
    first, second, text = FORMULAS[name]
    variables = "".join(f'<pVariable Name="{v}">{f}</pVariable>' for v, f in (first, second))
    return f'<IntSwissKnife Name="{name}">{variables}<Formula>{text}</Formula></IntSwissKnife>'


def _nodes(feature: Feature, address: int, port: str) -> list[str]:
    """The node that the user sees and the register node behind it."""
    access = "RW" if feature.writable else "RO"
    register = (
        f"<Address>0x{address:X}</Address><Length>{feature.size}</Length>"
        f"<AccessMode>{access}</AccessMode><pPort>{port}</pPort>"
        + ("<Cachable>NoCache</Cachable>" if feature.volatile else "")
    )
    head = f"<ToolTip>{escape(feature.tip)}</ToolTip>"
    if feature.kind is Kind.STRING:
        return [f'<StringReg Name="{feature.name}">{head}{register}</StringReg>']
    if feature.locked:
        head += "<pIsLocked>TLParamsLocked</pIsLocked>"
    value = f"<pValue>{feature.name}Reg</pValue>"
    tag = "FloatReg" if feature.kind is Kind.FLOAT else "IntReg"
    sign = "" if feature.kind is Kind.FLOAT else "<Sign>Unsigned</Sign>"
    endianess = "<Endianess>LittleEndian</Endianess>"
    node = f'<{feature.kind} Name="{feature.name}">{head}{_inside(feature, value)}</{feature.kind}>'
    behind = f'<{tag} Name="{feature.name}Reg">{register}{sign}{endianess}</{tag}>'
    return [node, behind]


def _inside(feature: Feature, value: str) -> str:
    """What stands in a node, in the order that the GenApi schema wants."""
    match feature.kind:
        case Kind.INTEGER:
            step = f"<Inc>{feature.step}</Inc>" if feature.low is not None else ""
            return value + _limits(feature) + step + _unit(feature)
        case Kind.FLOAT:
            return value + _limits(feature) + _unit(feature)
        case Kind.ENUMERATION:
            entries = "".join(
                f'<EnumEntry Name="{name}"><Value>{number}</Value></EnumEntry>'
                for name, number in feature.entries
            )
            selected = "".join(f"<pSelected>{name}</pSelected>" for name in feature.selects)
            return entries + value + selected
        case Kind.BOOLEAN:
            return value + "<OnValue>1</OnValue><OffValue>0</OffValue>"
        case _:
            return value + "<CommandValue>1</CommandValue>"


def _limits(feature: Feature) -> str:
    if feature.low is None:
        return ""
    tag = "pMax" if isinstance(feature.high, str) else "Max"
    return f"<Min>{feature.low}</Min><{tag}>{feature.high}</{tag}>"


def _unit(feature: Feature) -> str:
    return f"<Unit>{feature.unit}</Unit>" if feature.unit else ""


def _defaults(addresses: dict[str, int]) -> list[str]:
    lines = ["static const struct {", "    unsigned address;", "    char kind;"]
    lines += ["    double value;", "} register_defaults[] = {"]
    for feature in _features(CAMERA):
        if feature.default and feature.kind is not Kind.STRING:
            kind = "F" if feature.kind is Kind.FLOAT else "I"
            lines.append(
                f"    {{{addresses[feature.name]}, '{kind}', {float(feature.default)!r}}},"
            )
    return [*lines, "};", ""]


def _read_only(addresses: dict[str, int]) -> list[str]:
    lines = ["static const struct {", "    unsigned address, size;", "} read_only_registers[] = {"]
    for feature in _features(CAMERA):
        if not feature.writable:
            lines.append(f"    {{{addresses[feature.name]}, {feature.size}}},")
    return [*lines, "};", ""]


def _limited(addresses: dict[str, int]) -> list[str]:
    """Ranges that the camera checks itself; PixelFormat and sizes have rules of their own."""
    lines = ["static const struct {", "    unsigned address;", "    char kind;"]
    lines += ["    const char *name;", "    double low, high;", "} register_limits[] = {"]
    for feature in _features(CAMERA):
        low, high = feature.low, feature.high
        if feature.kind is Kind.ENUMERATION and feature.name != "PixelFormat":
            low, high = 0, len(feature.entries) - 1
        elif feature.kind is Kind.BOOLEAN:
            low, high = 0, 1
        if feature.writable and low is not None and isinstance(high, int | float):
            kind = "F" if feature.kind is Kind.FLOAT else "I"
            name = f'"{feature.name}"'
            entry = f"{addresses[feature.name]}, '{kind}', {name}, {low!r}, {high!r}"
            lines.append(f"    {{{entry}}},")
    return [*lines, "};", ""]


def _bytes(name: str, text: str) -> list[str]:
    """A C array; a string literal this long is beyond what C compilers must accept."""
    data = text.encode()
    rows = [",".join(map(str, data[at : at + 24])) for at in range(0, len(data), 24)]
    return [f"static const unsigned char {name}[] = {{", ",\n".join(rows), "};", ""]
