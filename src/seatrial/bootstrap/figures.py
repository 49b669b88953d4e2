"""From settings to what a process tells of itself."""

from contextlib import ExitStack

from seatrial import __version__
from seatrial.config import Settings
from seatrial.keyring import SettingsInvalid
from seatrial.meter import Meter
from seatrial.tracing import Traces, TracingMissing


def open_meter(settings: Settings, stack: ExitStack) -> Meter:
    """Open the counters of a process, and its way to a collector where one is set.

    Raises SettingsInvalid.
    """
    said = settings.tracing
    if said.endpoint is None:
        return Meter()
    try:
        traces = Traces(said.endpoint, said.service, __version__, said.ratio)
    except TracingMissing as error:
        raise SettingsInvalid(str(error)) from error
    stack.callback(traces.close)
    return Meter(traces)
