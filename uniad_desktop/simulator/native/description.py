"""The GenICam description (XML, GenApi schema 1.1) of the camera and of the producer's modules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from uniad_desktop.simulator.native.features import FORMULAS
from uniad_desktop.simulator.native.nodes import COMPUTED, Categories, Feature, Kind

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
CAMERA_PORT = "Device"
_LITTLE = "<Endianess>LittleEndian</Endianess>"
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def all_features(categories: Categories) -> Iterator[Feature]:
    """Every feature, in the order of the table."""
    for features in categories.values():
        yield from features


def addresses(categories: Categories) -> dict[str, int]:
    """Register addresses by feature, those of the first bank; without computed features."""
    result, address = {}, 0
    for feature in all_features(categories):
        if feature.extent:
            result[feature.name] = address
            address += feature.extent
    return result


def end(categories: Categories) -> int:
    """The first address behind the registers."""
    return sum(feature.extent for feature in all_features(categories))


def description(model: str, port: str, categories: Categories) -> str:
    """The GenICam XML of one module whose registers lie behind `port`."""
    places = addresses(categories)
    features = list(all_features(categories))
    body = [_category("Root", list(categories))]
    for category, members in categories.items():
        body.append(_category(category, [feature.name for feature in members]))
    for feature in features:
        selected = [other.name for other in features if other.selector == feature.name]
        body += _nodes(feature, places.get(feature.name, 0), port, selected)
    names = {name for feature in features for name in (feature.high, feature.step)}
    body += [_formula(name) for name in FORMULAS if name in names]
    body.append(f'<Port Name="{port}"/>')
    return _HEAD.format(model=model) + "\n".join(body) + "\n</RegisterDescription>\n"


def _category(name: str, members: list[str]) -> str:
    inside = "".join(f"<pFeature>{member}</pFeature>" for member in members)
    display = "" if name == "Root" else f"<DisplayName>{_display(name)}</DisplayName>"
    return f'<Category Name="{name}">{display}{inside}</Category>'


def _display(name: str) -> str:
    """The words of a feature's name, as SFNC's own display names have them."""
    return _WORDS.sub(" ", name)


def _formula(name: str) -> str:
    variables, text = FORMULAS[name]
    inside = _variables(variables)
    return f'<IntSwissKnife Name="{name}">{inside}<Formula>{text}</Formula></IntSwissKnife>'


def _variables(pairs: tuple[tuple[str, str], ...]) -> str:
    return "".join(f'<pVariable Name="{name}">{node}</pVariable>' for name, node in pairs)


def _nodes(feature: Feature, address: int, port: str, selected: list[str]) -> list[str]:
    """The node that the user sees and the register node behind it."""
    name, head = feature.name, _head(feature)
    register = _register(feature, address, port)
    if feature.kind in (Kind.STRING, Kind.REGISTER):
        tag = "StringReg" if feature.kind is Kind.STRING else "Register"
        return [f'<{tag} Name="{name}">{head}{register}</{tag}>']
    if feature.kind in COMPUTED:
        return [f'<{feature.kind} Name="{name}">{head}{_computed(feature)}</{feature.kind}>']
    tag = "FloatReg" if feature.kind is Kind.FLOAT else "IntReg"
    sign = "" if feature.kind is Kind.FLOAT else "<Sign>Unsigned</Sign>"
    inside = _inside(feature, f"<pValue>{name}Reg</pValue>", selected)
    nodes = [
        f'<{feature.kind} Name="{name}">{head}{inside}</{feature.kind}>',
        f'<{tag} Name="{name}Reg">{register}{sign}{_LITTLE}</{tag}>',
    ]
    if feature.chunk:
        nodes.append(f'<Port Name="{name}Port"><ChunkID>{feature.chunk:X}</ChunkID></Port>')
    return nodes


def _head(feature: Feature) -> str:
    """What every node begins with, in the order that the GenApi schema wants."""
    display = feature.display or _display(feature.name)
    parts = [
        f"<ToolTip>{escape(feature.tip)}</ToolTip>",
        f"<Description>{escape(feature.description or feature.tip)}</Description>",
        f"<DisplayName>{escape(display)}</DisplayName>",
        f"<Visibility>{feature.visibility}</Visibility>",
    ]
    if feature.available:
        parts.append(f"<pIsAvailable>{feature.available}Reg</pIsAvailable>")
    lock = "TLParamsLocked" if feature.locked else feature.lock and f"{feature.lock}Reg"
    if lock:
        parts.append(f"<pIsLocked>{lock}</pIsLocked>")
    if _is_kept(feature):
        parts.append("<Streamable>Yes</Streamable>")
    return "".join(parts)


def _is_kept(feature: Feature) -> bool:
    """Whether it belongs into a stored feature set, of the host or of the camera."""
    kept = feature.streamable and feature.writable and feature.kind is not Kind.COMMAND
    return kept and not feature.chunk


def _register(feature: Feature, address: int, port: str) -> str:
    index = ""
    if feature.selector:
        index = f'<pIndex Offset="{feature.stride}">{feature.selector}Reg</pIndex>'
    access = "RW" if feature.writable else "RO"
    cache = "<Cachable>NoCache</Cachable>" if feature.volatile or feature.chunk else ""
    if port == CAMERA_PORT and _is_kept(feature) and not feature.volatile:
        cache += "<pInvalidator>UserSetLoad</pInvalidator>"
        cache += "<pInvalidator>SimSensor</pInvalidator>" if feature.name == "PixelFormat" else ""
    port = f"{feature.name}Port" if feature.chunk else port
    return (
        f"<Address>0x{address:X}</Address>{index}<Length>{feature.size}</Length>"
        f"<AccessMode>{access}</AccessMode><pPort>{port}</pPort>{cache}"
    )


def _computed(feature: Feature) -> str:
    if feature.kind is Kind.SWISS_KNIFE:
        formula = f"<Formula>{escape(feature.formula)}</Formula>"
        return _variables(feature.variables) + formula + _shown(feature)
    return (
        f"<FormulaTo>{escape(feature.inverse)}</FormulaTo>"
        f"<FormulaFrom>{escape(feature.formula)}</FormulaFrom>"
        f"<pValue>{feature.behind}</pValue>{_shown(feature)}<Slope>Increasing</Slope>"
    )


def _inside(feature: Feature, value: str, selected: list[str]) -> str:
    """What stands in a node, in the order that the GenApi schema wants."""
    match feature.kind:
        case Kind.INTEGER:
            tag = "pInc" if isinstance(feature.step, str) else "Inc"
            step = f"<{tag}>{feature.step}</{tag}>" if feature.low is not None else ""
            return value + _limits(feature) + step + _shown(feature)
        case Kind.FLOAT:
            return value + _limits(feature) + _shown(feature)
        case Kind.ENUMERATION:
            entries = "".join(
                f'<EnumEntry Name="{name}"><DisplayName>{_display(name)}</DisplayName>'
                f"<Value>{number}</Value></EnumEntry>"
                for name, number in feature.entries
            )
            return entries + value + "".join(f"<pSelected>{name}</pSelected>" for name in selected)
        case Kind.BOOLEAN:
            return value + "<OnValue>1</OnValue><OffValue>0</OffValue>"
        case _:
            return value + "<CommandValue>1</CommandValue>"


def _limits(feature: Feature) -> str:
    if feature.low is None:
        return ""
    tag = "pMax" if isinstance(feature.high, str) else "Max"
    return f"<Min>{feature.low}</Min><{tag}>{feature.high}</{tag}>"


def _shown(feature: Feature) -> str:
    unit = f"<Unit>{feature.unit}</Unit>" if feature.unit else ""
    shown = feature.representation
    return unit + (f"<Representation>{shown}</Representation>" if shown else "")
