import io

from rich.console import Console

from seatrial.cli.upload_progress import Bar, Lines

MIB = 1 << 20


def lines(pieces: list[tuple[float, int]], total: int) -> list[str]:
    now, written = 0.0, list[str]()
    shown = Lines(written.append, lambda: now)
    shown.begin("app.apk", total)
    for seconds, count in pieces:
        now += seconds
        shown.advance(count)
    return written


def test_a_log_gets_a_line_for_every_tenth() -> None:
    written = lines([(0.1, MIB)] * 100, 100 * MIB)
    assert written[0] == "Sending app.apk, 100.0 MiB."
    assert [line.split(",")[0] for line in written[1:]] == [f"app.apk: {share:3}%" for share in range(10, 101, 10)]
    assert written[1] == "app.apk:  10%, 10.0 MiB, 10.0 MiB/s, 9 s left"
    assert written[-1] == "app.apk: 100%, 100.0 MiB, 10.0 MiB/s"


def test_a_slow_upload_gets_a_line_every_ten_seconds() -> None:
    written = lines([(5.0, MIB)] * 10, 1000 * MIB)
    assert len(written) == 1 + 5


def test_the_end_is_said_once() -> None:
    assert [line.split(",")[0] for line in lines([(0.1, 1000), (0.1, 20)], 1020)[1:]] == ["app.apk: 100%"]


def test_a_terminal_gets_a_bar_with_speed_and_time_left() -> None:
    screen = io.StringIO()
    with Bar(Console(file=screen, force_terminal=True, width=120)) as bar:
        bar.begin("[red]app.apk", 100 * MIB)
        bar.say("The server answered [503]; again in 1.0 s.")
        bar.begin("[red]app.apk", 100 * MIB)
        for _ in range(100):
            bar.advance(MIB)
    drawn = screen.getvalue()
    assert "[red]app.apk" in drawn
    assert "[503]" in drawn
    assert "100.0/100.0 MiB" in drawn
    assert "iB/s" in drawn
