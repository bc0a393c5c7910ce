"""Several worker processes on one listening socket, and the supervisor that keeps them there."""

import mmap
import os
import signal
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

logger = structlog.get_logger(__name__)

WATCHED = {signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM, signal.SIGINT}
SHORT_LIFE_SECONDS = 10.0
"""A worker that ends sooner is not replaced at once, or one that cannot start would keep a core busy."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 8.0

STUCK_SECONDS = 2.0
"""A worker that has said nothing for so long is killed: its loop answers nobody, and no signal reaches it."""
LOOK_SECONDS = 0.5


class Heartbeat:
    """When a worker's loop ran last, in memory that its supervisor sees too."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 8)

    def beat(self) -> None:
        """The loop runs."""
        self._memory[:8] = struct.pack("d", time.monotonic())

    def silent_seconds(self) -> float:
        """How long ago that was; nothing for a worker that is only starting."""
        (at,) = struct.unpack("d", self._memory[:8])
        return time.monotonic() - at if at else 0.0

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()


@dataclass(frozen=True, slots=True)
class _Worker:
    pid: int
    began_seconds: float
    heartbeat: Heartbeat
    place: int


class Workers:
    """One process a worker, forked, so that what is loaded already is shared memory.

    All of them take connections from one socket that the supervisor holds open too: when a worker dies, connections
    that nobody has taken yet wait for another one. With a socket each (SO_REUSEPORT) they would be reset.
    """

    def __init__(self, count: int, work: Callable[[int, int, Heartbeat], None], *, reread: Callable[[], bool]) -> None:
        """Nothing runs yet.

        Args:
            count: How many.
            work: What each of them does, until SIGTERM; it gets its place among them, from 0, as does one that replaces
                it; a file descriptor that ends when the supervisor does; and a heartbeat that is to beat, far
                more often than every `STUCK_SECONDS`, once its loop runs.
            reread: Called on SIGHUP; whether the workers are to hear of it.
        """
        self._count = count
        self._work = work
        self._reread = reread
        self._alive: dict[int, _Worker] = {}
        self._short_lives = 0
        self._next_start_seconds = 0.0
        self._looked_seconds = 0.0
        self._is_stopping = False
        self._has_failed = False
        self._lifeline, self._held = os.pipe()

    def run(self) -> int:
        """Keep them running until SIGTERM or SIGINT, which they get too; SIGHUP reaches each of them.

        Returns:
            The exit status: 0 when all of them stopped in order.
        """
        before = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        try:
            while not self._is_stopping or self._alive:
                self._start_missing(before)
                self._take(signal.sigtimedwait(WATCHED, self._patience_seconds()))
                self._kill_stuck()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            os.close(self._held)
            os.close(self._lifeline)
        return int(self._has_failed)

    def _take(self, got: signal.struct_siginfo | None) -> None:
        if got is None:
            return
        if got.si_signo == signal.SIGCHLD:
            self._bury()
        elif got.si_signo == signal.SIGHUP:
            if self._reread():
                self._tell(signal.SIGHUP)
        else:
            self._is_stopping = True
            self._tell(signal.Signals(got.si_signo))

    def _tell(self, number: signal.Signals) -> None:
        for pid in self._alive:
            os.kill(pid, number)  # one that has just died is a zombie until it is buried, so nobody else is meant

    def _patience_seconds(self) -> float:
        is_short = len(self._alive) < self._count and not self._is_stopping
        until_start = max(0.0, self._next_start_seconds - time.monotonic()) if is_short else LOOK_SECONDS
        return min(until_start, LOOK_SECONDS)

    def _kill_stuck(self) -> None:
        now, before = time.monotonic(), self._looked_seconds
        self._looked_seconds = now
        if now - before > 2 * LOOK_SECONDS:
            # This process did not run either: the machine was suspended, and the workers have had no turn since.
            return
        for worker in self._alive.values():
            if worker.heartbeat.silent_seconds() > STUCK_SECONDS:
                logger.error("worker is stuck", pid=worker.pid, seconds=round(worker.heartbeat.silent_seconds(), 1))
                os.kill(worker.pid, signal.SIGKILL)

    def _start_missing(self, mask: set[signal.Signals | int]) -> None:
        while not self._is_stopping and len(self._alive) < self._count and time.monotonic() >= self._next_start_seconds:
            place = min({*range(self._count)} - {worker.place for worker in self._alive.values()})
            heartbeat = Heartbeat()
            pid = os.fork()
            if pid == 0:
                self._become_worker(place, mask, heartbeat)
            self._alive[pid] = _Worker(pid, time.monotonic(), heartbeat, place)

    def _become_worker(self, place: int, mask: set[signal.Signals | int], heartbeat: Heartbeat) -> None:
        """Run as a worker, and never return."""
        status = 1
        try:
            os.close(self._held)
            # A group of its own: Ctrl-C reaches the supervisor alone, which passes it on once.
            os.setpgid(0, 0)
            # Until the server listens, a signal ends the worker without Python's KeyboardInterrupt; SIGHUP waits.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, {*mask, signal.SIGHUP})
            self._work(place, self._lifeline, heartbeat)
            status = 0
        except BaseException:
            logger.exception("worker failed")
        finally:
            # Not an exit as of the supervisor, whose blocks and hooks are not the worker's to leave.
            os._exit(status)

    def _bury(self) -> None:
        while self._alive:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            worker = self._alive.pop(pid, None)
            if worker is None:
                continue
            worker.heartbeat.close()
            code = os.waitstatus_to_exitcode(status)
            if self._is_stopping:
                # One that was only starting is ended by the signal itself.
                self._has_failed |= code not in (0, -signal.SIGTERM, -signal.SIGINT)
                continue
            lived = round(time.monotonic() - worker.began_seconds, 1)
            if code == 0:
                # It was asked to, as in a restart one by one; there is nothing wrong with the next.
                logger.info("worker ended", pid=pid, status=code, seconds=lived, pause_seconds=0)
                continue
            self._short_lives = self._short_lives + 1 if lived < SHORT_LIFE_SECONDS else 0
            pause = FIRST_PAUSE_SECONDS * 2 ** min(self._short_lives - 1, 8) if self._short_lives else 0.0
            pause = min(pause, LONGEST_PAUSE_SECONDS)
            self._next_start_seconds = time.monotonic() + pause
            logger.error("worker ended", pid=pid, status=code, seconds=lived, pause_seconds=pause)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
