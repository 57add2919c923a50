"""YAML as the tree of `document`."""

import yaml

from proxy.formats.document import Node, below
from proxy.formats.setup import Malformed

_DEEPEST = 50
_MOST = 50_000  # values; aliases of aliases would make any number of them


def parsed_yaml(text: str) -> Node:
    """Return a text that is YAML.

    Raises:
        Malformed: It is not, or refers to itself too often.
    """
    try:
        loader = yaml.SafeLoader(text.removeprefix("\ufeff"))
        root = loader.get_single_node()
        if root is None:
            raise Malformed("the whole file", 1, "found nothing, want a configuration")
        return _Tree(loader).node(root, "", 0)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = None if mark is None else mark.line + 1
        what = f"it is no YAML: {error.problem} in line {line}"
        raise Malformed("", line, what) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise Malformed("", None, f"it is no YAML: {error}".partition("\n")[0]) from error


def dumped(tree: object) -> str:
    """Return plain lists, tables and texts as YAML, keys in their order."""
    return str(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=1000))


class _Tree:
    """Makes nodes, and counts them."""

    def __init__(self, loader: yaml.SafeLoader) -> None:
        self._loader = loader
        self._left = _MOST

    def node(self, found: yaml.Node, at: str, depth: int) -> Node:
        line = found.start_mark.line + 1
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise Malformed(at, line, "found too many values in each other, want fewer")
        if isinstance(found, yaml.MappingNode):
            self._loader.flatten_mapping(found)
            members = {str(key.value): (key.value, one) for key, one in found.value}
            made = {
                name: self.node(one, below(at, str(key)), depth + 1)
                for name, (key, one) in members.items()
            }
            return Node(at, line, made)
        if isinstance(found, yaml.SequenceNode):
            items = enumerate(found.value)
            return Node(
                at, line, tuple(self.node(one, below(at, no), depth + 1) for no, one in items)
            )
        value = self._loader.construct_object(found)
        is_plain = value is None or isinstance(value, str | int | float | bool)
        return Node(at, line, value if is_plain else str(found.value))
