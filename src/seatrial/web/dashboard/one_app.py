"""The app that a page is about, and the head that all pages of an app have."""

from dataclasses import dataclass

from seatrial.domain.access import AppScope
from seatrial.domain.app import App, AppOverview
from seatrial.web.dashboard.door import HOME, Visitor
from seatrial.web.dashboard.files import picture_of

APP = f"{HOME}/{{organization}}/apps/{{app}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneApp:
    """An app as its pages know it."""

    scope: AppScope
    overview: AppOverview
    home: str
    picture: str
    """Where its picture is, empty for none."""

    @property
    def app(self) -> App:
        """The app itself."""
        return self.overview.app


def scope_of(visitor: Visitor) -> AppScope:
    """Give the app that the path names, as the gate has found it."""
    assert isinstance(visitor.inside, AppScope), "the path names no app"
    return visitor.inside


def app_path(visitor: Visitor) -> str:
    """Give the path of the app's pages, as the request names the app."""
    return f"{visitor.home}/apps/{visitor.request.path_params['app']}"


async def one_app(visitor: Visitor) -> OneApp:
    """Read the app that the path names.

    Raises Forbidden.
    """
    scope = scope_of(visitor)
    overview = await visitor.context.read(lambda: visitor.context.apps.get(scope))
    return OneApp(
        scope=scope,
        overview=overview,
        home=f"{visitor.home}/apps/{overview.app.slug}",
        picture=await picture_of(visitor, overview.app),
    )
