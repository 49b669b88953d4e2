"""The picture that an Android build shows on a home screen: a raster file, or what its XML draws."""

from collections.abc import Sequence

from seatrial.parsers.archive import shown
from seatrial.parsers.chunks import Kind
from seatrial.parsers.drawables import Drawables, Icon, Item
from seatrial.parsers.drawables_svg import Budget, Undrawable, finished, render
from seatrial.parsers.drawables_values import BROKEN, Values
from seatrial.parsers.icons import IconUnreadable, as_png
from seatrial.parsers.limits import current
from seatrial.parsers.texts import told

_CORNER = 2 / 9
"""Radius of the mask of adaptive icons, as a share of the side; each maker of phones has its own mask."""
MAX_BROKEN = 4
"""Broken pictures decoded in search of a whole one; each may have cost as much time as a large whole one."""


def find_icon(source: Drawables, wishes: Sequence[Item]) -> Icon:
    """Find the best picture among the manifest's icon attributes, given in order of preference.

    Drawings for any density come before raster files, as on devices; among the latter the largest density wins. A
    drawing that lacks parts is taken only where no wish has anything whole. A wish is a reference, or the path of a
    file where a build has no resource table. Raises nothing: an icon that cannot be had is `None` and a warning.
    """
    search = _Search(source)
    try:
        for wish in wishes:
            icon = search.whole(wish)
            if icon:
                return icon
    except Undrawable as problem:
        search.problems.append(problem.reason)
    if search.partial:
        return search.partial
    if search.problems:
        return Icon(warning=f"The icon cannot be shown: {search.problems[0]}.")
    return Icon(warning="The icon's files are not in the build." if search.missing else None)


class _Search:
    def __init__(self, source: Drawables) -> None:
        self._values = Values(source)
        self._budget = Budget()
        self.problems: list[str] = []
        self.partial: Icon | None = None
        self.missing = False
        self._broken = 0
        self._tried: set[str] = set()

    def whole(self, wish: Item) -> Icon | None:
        """Return the best picture of a wish that is all there; remember the first that lacks something."""
        try:
            ends = self._values.ends(wish)
        except BROKEN as problem:
            self.problems.append(f"the resources are broken ({problem})")
            return None
        for _, end in ends:
            path = end.text
            if end.kind != Kind.STRING or not path or path in self._tried or self._broken >= MAX_BROKEN:
                continue
            self._tried.add(path)
            try:
                icon = self._picture(path)
            except IconUnreadable as problem:
                self._broken += 1
                self.problems.append(f"“{shown(path)}”: {problem.reason}")
            except Undrawable as problem:
                self.problems.append(f"“{shown(path)}”: {problem.reason}")
            except BROKEN:
                self.problems.append(f"“{shown(path)}” is broken")
            else:
                if icon:
                    return icon
        return None

    def _picture(self, path: str) -> Icon | None:
        data = self._values.read(path, current().icon_bytes)
        if data is None:
            self.missing = True
            return None
        from seatrial.parsers.drawables_layers import ADAPTIVE, Drawer, is_raster

        if is_raster(data):
            return Icon(as_png(data), path=told(path))
        root = self._values.tree(path)
        drawer = Drawer(self._values, self._budget)
        document = drawer.document(root)
        if drawer.left_out and self.partial:
            return None
        try:
            png = finished(render(document), _CORNER if root.tag in ADAPTIVE else 0.0)
        except Undrawable as problem:
            raise Undrawable(drawer.left_out[0] if drawer.left_out else problem.reason) from None
        if not drawer.left_out:
            return Icon(png, path=told(path))
        self.partial = Icon(png, f"Parts of the icon cannot be shown: {drawer.left_out[0]}.", told(path))
        return None
