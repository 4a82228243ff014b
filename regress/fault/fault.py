#!/usr/bin/env python3
"""Fault runs: the program as shipped, real work inside, one fault at a random
moment to one process.

	fault.py [-n runs] [-s seed] [-u uid] [-v] program slow directory

Run k of -s N has the seed N + k; -n 1 -s SEED does one again.  Prints a TAP
line for each, and a table of what took how long.  As root there are faults
that nobody else can do: -u is then whom the sandbox runs as.

After each run: what was denied stayed so and what was done is right; no
process is left, nor a zombie, nor a temporary file; it was over in time; its
exit status is one that fits, and a line names the cause.
"""
import argparse
import collections
import ctypes
import os
import random
import re
import resource
import select
import shutil
import signal
import socket
import stat
import sys
import time

WORK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "work.py")
HANG = 20.0		# seconds after the fault, on a machine as busy as it gets
LONG = 90.0		# ... for work that is only slowed down
HALF = 3.0		# ... for half of the runs with a fault: 2, and a busy machine
GONE = 5.0		# for what a killed monitor leaves
ROLES = ("monitor", "receiver", "policy", "lane", "integrity", "learn")
KINDS = ("opens", "threads", "execs", "pipes", "compiles", "storm", "fifo",
         "pause", "tmp")
SIGNALS = ("TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "ALRM")
PR_SET_CHILD_SUBREAPER = 36
libc = ctypes.CDLL(None, use_errno=True)
CAUSE = re.compile(
    r"(did not start|killed by signal|stopped by signal|is stopped|"
    r"exited with status|closed its channel|no policy worker|"
    r"no integrity worker|does not answer|is being traced|did not end|no lane can be added|malformed|answer to another|unknown|too many|"
    r"broken lane|: replaced|forked no worker|fatal|not permitted|lane|"
    r"set-up|not all there|cannot read|Cannot allocate|Too many open|Broken pipe|Bad file)")

# Who can be hit with what.  None: everybody.
FAULTS = {
    "kill":       (5, None),
    "stop":       (3, ROLES[1:]),
    "stopcont":   (1, ROLES),
    "pulses":     (1, ROLES),
    "slow":       (1, ROLES[1:]),
    "hold":       (2, ROLES[1:]),
    "disconnect": (3, ROLES[1:]),
    "nofile":     (2, ROLES),
    "memory":     (2, ROLES),
    "signal":     (2, ("monitor",)),
    "tty":        (1, ("monitor",)),
    "tstp":       (1, ("monitor",)),
}
ROOT_ONLY = ("slow", "hold", "disconnect")
# The rest is survived, whoever it hits.
GENTLE = ("stopcont", "pulses", "slow", "tstp")

POLICY = """\
profile "system"
allow readdir under /
allow read, write, create, delete, exec under "%(work)s"
allow read, exec under "/usr"
allow read under "%(src)s"
deny exec glob "%(work)s/*.evil"
deny read, write, create, delete glob "%(work)s/*.secret"
deny net
allow read, write "/dev/null"
allow read, write, create, delete under "$TMPDIR"
set tmpdir private
set on-failure %(mode)s
"""


def children(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            return [int(p) for p in f.read().split()]
    except OSError:
        return []


def proc(pid, name):
    try:
        with open("/proc/%d/%s" % (pid, name), "rb") as f:
            return f.read()
    except OSError:
        return b""


def title(pid):
    return proc(pid, "cmdline").replace(b"\0", b" ").decode(errors="replace")


def state(pid, key):
    m = re.search(r"^%s:\s*(\S+)" % key,
                  proc(pid, "status").decode(errors="replace"), re.M)
    return m.group(1) if m else ""


def find(monitor, role):
    """The process with this role now, or 0."""
    if role == "monitor":
        return monitor
    want = "policy" if role == "lane" else role
    for pid in children(monitor):
        t = title(pid)
        if re.match(r"privsep-sandbox(: %s\b| -P %s\b)" % (want, want), t):
            if role != "lane":
                return pid
            lanes = children(pid)
            return random.choice(lanes) if lanes else 0
    return 0


class Failed(Exception):
    pass


class Run:
    def __init__(self, seed, opt):
        r = self.rng = random.Random(seed)
        random.seed(seed)
        self.seed = seed
        self.opt = opt
        names = [f for f in FAULTS if os.geteuid() == 0 or
                 f not in ROOT_ONLY]
        self.fault = r.choices(names, [FAULTS[f][0] for f in names])[0]
        self.role = r.choice(FAULTS[self.fault][1] or ROLES)
        self.kind = r.choice(KINDS)
        self.mode = r.choice(("kill", "kill", "restart"))
        self.when = r.choice(("start", "handshake", "work", "work", "work",
                              "end"))
        self.delay = r.uniform(0, 0.03)
        self.line = r.randrange(0, 30)
        self.sig = r.choice(SIGNALS)
        self.args = r.choice(([], [], ["-w"], ["-l", "/dev/full"],
                              ["-w", "-l", "log"]))
        if self.role == "learn":
            self.args = self.args + ["-L", "learned"]
        if self.fault == "tty":
            self.sig = r.choice(("INT", "QUIT", "HUP"))
            self.when = "work"
        if self.fault == "tstp":
            self.when = "work"
        if self.kind == "pause":
            self.line = 0
            if self.when == "end":
                self.when = "work"
        self.pid = 0
        self.target = 0
        self.done_at = None	# of the fault
        self.lines = []
        self.later = []		# (time, function)
        self.err, self.took = "", 0.0
        self.slow = None
        self.master = -1

    def __str__(self):
        what = self.fault
        if what in ("signal", "tty"):
            what += " " + self.sig
        return "%s to %s, %s of %s, on-failure %s%s" % (
            what, self.role, self.when if self.when != "work" else
            "line %d" % self.line, self.kind, self.mode,
            "".join(" " + a for a in self.args))

    # ---- the sandbox

    def setup(self):
        o = self.opt
        self.dir = os.path.join(o.directory, "run")
        shutil.rmtree(self.dir, ignore_errors=True)
        os.mkdir(self.dir)
        self.work = self.dir + "/work"
        self.tmp = self.dir + "/tmp"
        os.mkdir(self.work)
        os.mkdir(self.tmp)
        self.secret = self.work + "/a.secret"
        for name, text in (("data", "the content of the file\n"),
                           ("a.secret", "SECRET\n"),
                           ("prog.c", "#include <stdio.h>\nint main(void)"
                            " { return (puts(\"42\") < 0); }\n"),
                           ("leak.evil", "#!/bin/sh\necho LEAK\n")):
            with open(self.work + "/" + name, "w") as f:
                f.write(text)
        os.chmod(self.work + "/leak.evil", 0o755)
        os.mkfifo(self.work + "/fifo")
        with open(self.dir + "/policy.conf", "w") as f:
            f.write(POLICY % {"work": self.work, "mode": self.mode,
                              "src": os.path.dirname(WORK)})
        if o.uid != os.getuid():
            for top, _, files in os.walk(self.dir):
                os.chown(top, o.uid, o.uid)
                for f in files:
                    os.chown(os.path.join(top, f), o.uid, o.uid)

    def child(self, out, err, slave, command):
        try:
            os.setsid()
            if slave != -1:
                import fcntl
                import termios
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
                os.dup2(slave, 0)
            else:
                os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
            os.dup2(out, 1)
            os.dup2(err, 2)
            os.closerange(3, 256)
            os.chdir(self.work)
            for s in range(1, 32):
                if s not in (signal.SIGKILL, signal.SIGSTOP):
                    signal.signal(s, signal.SIG_DFL)
            if self.opt.uid != os.getuid():
                os.setgroups([])
                os.setresgid(*[self.opt.uid] * 3)
                os.setresuid(*[self.opt.uid] * 3)
            os.execve(self.opt.program, [
                "privsep-sandbox", "-f", self.dir + "/policy.conf"] +
                ([] if command else self.args) + ["--"] + (command or
                ["python3", WORK, self.kind, self.secret]), {
                    "HOME": self.dir, "TMPDIR": self.tmp,
                    "PATH": "/usr/local/bin:/usr/bin:/bin",
                    "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"})
        except OSError as e:
            os.write(2, str(e).encode())
        os._exit(99)

    def start(self, command=None):
        slave = -1
        if self.fault == "tty" and command is None:
            import pty
            self.master, slave = pty.openpty()
            os.fchmod(slave, 0o666)
        self.out, out = os.pipe()
        err = os.open(self.dir + "/err", os.O_CREAT | os.O_WRONLY |
                      os.O_APPEND, 0o600)
        self.pid = os.fork()
        if self.pid == 0:
            self.child(out, err, slave, command)
        os.close(out)
        os.close(err)
        if slave != -1:
            os.close(slave)
        os.set_blocking(self.out, False)

    # ---- when

    def due(self, now):
        if self.when == "start":
            # not while it is still this program
            return now - self.began >= self.delay and \
                title(self.pid).startswith("privsep-sandbox")
        if self.when == "handshake":
            p = find(self.pid, self.role)
            if self.role == "monitor":
                return len(children(self.pid)) > 0 and \
                    now - self.began >= self.delay
            if self.role == "lane":
                return p != 0
            return p != 0 and (state(p, "Seccomp") != "2" or
                               now - self.began > 0.05)
        if self.when == "work":
            return len(self.lines) > self.line + 1 or "done" in self.lines
        return self.when == "end" and "done" in self.lines

    # ---- what

    def kill(self, sig, pid=None):
        try:
            os.kill(pid or self.target, sig)
        except ProcessLookupError:
            pass

    def strike(self, now):
        self.target = find(self.pid, self.role)
        if self.target == 0:
            return False
        if self.when == "end":
            time.sleep(self.delay / 6)
        fn = getattr(self, "do_" + self.fault)
        fn(now)
        self.done_at = time.monotonic()
        return True

    def do_kill(self, _now):
        self.kill(signal.SIGKILL)

    def do_stop(self, _now):
        self.kill(signal.SIGSTOP)

    def do_stopcont(self, now):
        self.kill(signal.SIGSTOP)
        self.later.append((now + 0.3, lambda: self.kill(signal.SIGCONT)))

    def do_pulses(self, now):
        for n in range(40):
            self.later.append((now + n * 0.05,
                               lambda: self.kill(signal.SIGSTOP)))
            self.later.append((now + n * 0.05 + 0.04,
                               lambda: self.kill(signal.SIGCONT)))

    def do_hold(self, now):
        """Held by a tracer for good: neither stopped nor slow."""
        self.do_slow(now, "60000")

    def do_slow(self, _now, msec="1000"):
        r, w = os.pipe()
        self.slow = os.fork()
        if self.slow == 0:
            os.dup2(w, 1)
            os.dup2(os.open("/dev/null", os.O_WRONLY), 2)
            os.closerange(3, 256)
            os.execv(self.opt.slow, ["slow", str(self.target), msec, "3"])
        os.close(w)
        select.select([r], [], [], 2)
        os.close(r)

    def do_disconnect(self, _now):
        socks = []
        top = "/proc/%d/fd" % self.target
        try:
            for fd in os.listdir(top):
                if os.readlink(top + "/" + fd).startswith("socket:"):
                    socks.append(int(fd))
        except OSError:
            pass
        if not socks:
            return
        pidfd = libc.syscall(434, self.target, 0)
        fd = libc.syscall(438, pidfd, self.rng.choice(sorted(socks)), 0)
        if pidfd >= 0:
            os.close(pidfd)
        if fd < 0:
            return
        s = socket.socket(fileno=fd)
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        s.close()

    def limit(self, what, value):
        try:
            hard = resource.prlimit(self.target, what)[1]
            if hard != resource.RLIM_INFINITY:
                value = min(value, hard)
            resource.prlimit(self.target, what, (value, hard))
        except (ProcessLookupError, PermissionError):
            pass

    def do_nofile(self, _now):
        self.limit(resource.RLIMIT_NOFILE, 0)

    def do_memory(self, _now):
        pages = proc(self.target, "statm").split()
        if pages:
            self.limit(resource.RLIMIT_AS, int(pages[0]) *
                       os.sysconf("SC_PAGESIZE"))

    def do_signal(self, _now):
        self.kill(getattr(signal, "SIG" + self.sig))

    def do_tty(self, _now):
        if self.sig == "HUP":
            os.close(self.master)
            self.master = -1
        else:
            os.write(self.master, b"\x03" if self.sig == "INT" else b"\x1c")

    def do_tstp(self, now):
        self.kill(signal.SIGTSTP)
        self.later.append((now + 0.4, lambda: self.kill(signal.SIGCONT)))

    # ---- the run

    def read(self):
        try:
            data = os.read(self.out, 65536)
        except BlockingIOError:
            return
        self.text += data.decode(errors="replace")
        self.lines = self.text.split("\n")[:-1]

    def gentle(self):
        """It hit nobody, or nobody it should hurt."""
        return self.done_at is None or self.fault in GENTLE

    def loop(self):
        self.text = ""
        self.began = time.monotonic()
        limit = LONG
        ended = None
        while True:
            now = time.monotonic()
            if self.done_at is None and self.due(now):
                self.strike(now)
            for t, fn in [x for x in self.later if x[0] <= now]:
                fn()
            self.later = [x for x in self.later if x[0] > now]
            pid, st = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(st)
                ended = time.monotonic()
                break
            # Work without an end of its own.
            if self.kind == "pause" and "ok 0" in self.lines and \
                    ended is None:
                last = self.done_at or now
                if now - last > (2.6 if self.fault in ("pulses", "stop", "hold")
                                 else 1.0):
                    self.kill(signal.SIGTERM, self.pid)
                    self.kill(signal.SIGCONT, self.pid)
                    ended = self.asked = now
            limit = LONG if self.gentle() else HANG
            # Otherwise it goes on; so long as lines come it does not hang.
            if now - max(self.done_at or 0, self.began,
                         self.last_line()) > limit:
                raise Failed("hangs: %s" % self.tree())
            select.select([self.out], [], [], 0.001 if self.done_at is None
                          else 0.005)
            n = len(self.lines)
            self.read()
            if len(self.lines) != n:
                self.spoke = time.monotonic()
        self.read()
        self.took = ended - max(self.done_at or ended, self.spoke,
                                self.asked)

    spoke = 0.0		# the command, last
    asked = 0.0		# when it was asked to end

    def last_line(self):
        return self.spoke

    def tree(self):
        seen, todo = [], [self.pid]
        while todo:
            p = todo.pop()
            todo += children(p)
            seen.append("%d %s %s" % (p, state(p, "State"), title(p)[:40]))
        return "; ".join(seen)

    # ---- afterwards

    def gone(self):
        """Whatever is left comes to us, the subreaper."""
        start = time.monotonic()
        if self.slow:
            self.kill(signal.SIGKILL, self.slow)
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                if time.monotonic() - start > GONE:
                    left = ["%d %s %s" % (p, state(p, "State"), title(p))
                            for p in children(os.getpid())]
                    for p in children(os.getpid()):
                        self.kill(signal.SIGKILL, p)
                    raise Failed("left alive: " + "; ".join(left))
                time.sleep(0.002)
        self.gone_after = time.monotonic() - start

    def statuses(self):
        """Those that fit; None in it: any of an errant command."""
        n = getattr(signal, "SIG" + self.sig)
        if self.done_at is None:
            return {0, 143}
        if self.fault in ("signal", "tty"):
            early = {-n} if self.when in ("start", "handshake") else set()
            return {128 + n, 0, 1} | early
        if self.fault in GENTLE:
            # stopped in the middle of an answer, and nobody knows which
            return {0, 143} | ({137, 1} if self.killed() else set())
        if self.role == "monitor" and self.fault == "kill":
            return {-9, 0}
        ok = {125, 0, 143}
        if self.may_fail():
            # A file that python or the linker needs cannot be had; what
            # cannot be verified is killed.
            ok |= {1, 126, 127, 137, 120}
        return ok

    def killed(self):
        return self.role == "receiver" and "was stopped, and continued" in self.err

    def may_fail(self):
        """A call may fail and the command live to tell it."""
        return self.mode == "restart" or self.killed() or \
            self.fault in ("nofile", "memory", "disconnect")

    def check(self):
        with open(self.dir + "/err", errors="replace") as f:
            self.err = f.read()
        # the end of a pipeline does not tell that its beginning was killed
        bad = [x for x in self.lines if x.startswith("LEAK") or
               (x.startswith("WRONG") and not self.killed())]
        if bad:
            raise Failed("%s" % bad[:3])
        if self.status not in self.statuses():
            raise Failed("status %d" % self.status)
        errs = [x for x in self.lines if x.startswith("err")]
        if self.status == 0 and self.lines[-1:] != ["done"]:
            raise Failed("status 0 and not done: %s" % self.lines[-2:])
        if self.status == 0 and errs and not self.may_fail():
            raise Failed("status 0, and %s" % errs[:3])
        if self.status == 125:
            mine = [x for x in self.err.split("\n")
                    if x.startswith(("privsep-sandbox: ", "error: ", self.dir))]
            who = self.role if self.role != "lane" else "lane|policy"
            if self.fault in ("disconnect", "nofile", "memory"):
                # the other end may say it, or the parser
                who = "|".join(ROLES + ("^error", self.dir))
            if not [x for x in mine if CAUSE.search(x) and
                    re.search(who, x)]:
                raise Failed("125, and no line names the cause")
        left = os.listdir(self.tmp)
        named = all("left behind: %s/%s" % (self.tmp, x) in self.err
                    for x in left)
        by_kill = self.fault == "kill" and self.role == "monitor"
        if left and not by_kill and not (named and self.role in
                                         ("policy", "lane")):
            raise Failed("left in $TMPDIR: %s" % left)
        if left:
            self.swept()
        if "SECRET" in self.text or "LEAK" in self.text:
            raise Failed("the secret is out")

    def swept(self):
        """What nobody could remove, whoever starts next does."""
        for _ in range(3):
            self.start(["/bin/true"])
            os.close(self.out)
            os.waitpid(self.pid, 0)
            left = os.listdir(self.tmp)
            if not left:
                return
        raise Failed("left in $TMPDIR by the next run: %s" % left)

    def go(self):
        self.setup()
        self.start()
        try:
            self.loop()
        except Failed:
            with open(self.dir + "/err", errors="replace") as f:
                self.err = f.read()
            self.kill(signal.SIGKILL, self.pid)
            os.waitpid(self.pid, 0)
            try:
                self.gone()
            except Failed:
                pass
            raise
        finally:
            os.close(self.out)
            if self.master != -1:
                os.close(self.master)
        self.gone()
        self.check()


def control(opt, who):
    """Without a fault all of the work is done, and nothing is said."""
    failed = 0
    for kind in KINDS:
        if kind == "pause":
            continue
        run = Run(0, opt)
        run.kind, run.when, run.fault, run.args = kind, "never", "kill", []
        try:
            run.go()
            if [x for x in run.lines if x.startswith("err")] or \
                    len(run.lines) < 2:
                raise Failed("%s" % run.lines[:3])
        except Failed as e:
            failed += 1
            print("not ok - %s: no fault: %s" % (who, kind))
            print("#   %s" % e)
        else:
            print("ok - %s: no fault: %s" % (who, kind))
    return failed


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("-n", type=int, default=100, dest="runs")
    ap.add_argument("-s", type=int, default=None, dest="seed")
    ap.add_argument("-u", type=int, default=os.getuid(), dest="uid")
    ap.add_argument("-v", action="store_true", dest="verbose")
    ap.add_argument("program")
    ap.add_argument("slow")
    ap.add_argument("directory")
    opt = ap.parse_args()
    if opt.seed is None:
        opt.seed = random.SystemRandom().randrange(1 << 30)
    who = "root" if opt.uid == 0 else "user"
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    took = collections.defaultdict(list)
    missed = failed = 0
    print("# %s: %d runs, seeds from %d" % (who, opt.runs, opt.seed))
    if opt.runs > 1:
        failed += control(opt, who)
    for seed in range(opt.seed, opt.seed + opt.runs):
        run = Run(seed, opt)
        try:
            run.go()
        except Failed as e:
            failed += 1
            print("not ok - %s: seed %d: %s" % (who, seed, run))
            print("#   %s" % e)
            for x in run.err.split("\n")[:6] + run.lines[-2:]:
                print("#   | %s" % x)
        else:
            if run.done_at is None:
                missed += 1
            else:
                took[run.fault].append((run.took, seed))
            print("ok - %s: seed %d: %s: %d%s" % (
                who, seed, run, run.status, ", %d ms" % (run.took * 1000)
                if run.done_at is not None else ", over before it"))
            if opt.verbose:
                for x in run.err.split("\n")[:6]:
                    print("#   | %s" % x)
        sys.stdout.flush()
    for f in sorted(took):
        t = sorted(took[f])
        print("# %s: %-10s %4d runs, over after %4d ms (median), %5d ms "
              "(longest, seed %d)" % (who, f, len(t), t[len(t) // 2][0] * 1000,
                                      t[-1][0] * 1000, t[-1][1]))
    for f in sorted(took):
        t = sorted(took[f])
        if f in GENTLE or len(t) < 8:
            continue
        half = t[len(t) // 2][0]
        failed += half >= HALF
        print("%sok - %s: %s: half of the runs are over within %d s" % (
            "" if half < HALF else "not ", who, f, HALF))
    print("# %s: %d of %d were over before the fault" % (who, missed,
                                                         opt.runs))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
