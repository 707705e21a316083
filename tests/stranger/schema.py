"""The schema: what a row has. PROTOCOL.md, "The schema" and "Chunks" (groups)."""

from dataclasses import dataclass

from xxh3 import xxh3


@dataclass
class Column:
    name: str
    kind: str
    max: int
    component: int


@dataclass
class Group:
    columns: range
    component: int
    rotation: bool


class Schema:
    """The components of a game's rows, from the schema's text."""

    def __init__(self, text):
        self.hash = xxh3(text.encode())
        rows = text[text.index("\nrows\n") + 6 : text.index("\ninput\n") + 1]
        self.rows_hash = xxh3(rows.encode())
        self.components = []
        self.columns = []
        for line in rows.splitlines():
            if line.startswith("  "):
                name, kind, largest, *_ = line.split()
                column = Column(name, kind, int(largest), len(self.components) - 1)
                self.columns.append(column)
            else:
                self.components.append(line)
        self.groups = self._groups()

    def _groups(self):
        groups = []
        at = 0
        while at < len(self.columns):
            component = self.columns[at].component
            end = at
            if self.columns[at].kind == "largest":
                end = at + 4
            else:
                while (
                    end < len(self.columns)
                    and self.columns[end].component == component
                    and self.columns[end].kind != "largest"
                ):
                    end += 1
            rotation = self.columns[at].kind == "largest"
            groups.append(Group(range(at, end), component, rotation))
            at = end
        return groups
