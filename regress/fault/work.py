"""What runs inside the sandbox under a fault: real work that checks itself.

	work.py KIND SECRET

Each step prints one line: "ok N", "err N ERRNO" where the step failed, "WRONG"
where its outcome was not that of the same step bare, "LEAK" where something
denied was done.  "up" comes first, "done" last.
"""
import errno
import os
import subprocess
import sys
import threading
import time

kind, secret = sys.argv[1:3]
lock = threading.Lock()


def say(*what):
    with lock:
        os.write(1, (" ".join(str(w) for w in what) + "\n").encode())


def step(n, fn):
    try:
        got = fn()
    except OSError as e:
        say("err", n, errno.errorcode.get(e.errno, e.errno))
    else:
        say("ok" if got else "WRONG", n)


def denied(fn):
    try:
        fn()
    except OSError:
        return
    say("LEAK", fn.__name__)


def read_secret():
    with open(secret) as f:
        f.read()


def make_secret():
    os.close(os.open("made.secret", os.O_CREAT | os.O_WRONLY, 0o600))


def one_open(n, name="data"):
    with open(name) as f:
        return f.read() == "the content of the file\n"


def one_change(n):
    name = "new.%d" % n
    os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640))
    os.rename(name, name + "x")
    os.unlink(name + "x")
    return True


def opens(count=120, base=0):
    for n in range(base, base + count):
        step(n, lambda: one_open(n) if n % 3 else one_change(n))
        if n % 10 == 0:
            denied(read_secret)
            denied(make_secret)


def threads():
    ts = [threading.Thread(target=opens, args=(40, 1000 * i))
          for i in range(6)]
    for t in ts:
        t.start()
    for t in ts:
        t.join()


def one_exec(n):
    p = subprocess.run(["/bin/echo", str(n)], stdout=subprocess.PIPE,
                       check=False)
    if p.returncode != 0:		# unverified, it is killed
        raise OSError(errno.EPERM, "status %d" % p.returncode)
    return p.stdout == b"%d\n" % n


def execs():
    for n in range(25):
        step(n, lambda: one_exec(n))
        if n % 5 == 0:
            # prints LEAK itself
            denied_run()


def denied_run():
    try:
        p = subprocess.run(["./leak.evil"], check=False,
                           stdout=subprocess.PIPE)
    except OSError:
        return
    if b"LEAK" in p.stdout:
        say("LEAK", "exec")


def shell(n, script, want):
    try:
        p = subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, check=False)
    except OSError as e:
        say("err", n, errno.errorcode.get(e.errno, e.errno))
        return
    if p.returncode != 0:
        say("err", n, "status %d" % p.returncode)
    else:
        say("ok" if p.stdout.decode() == want else "WRONG", n)


def pipes():
    for n in range(6):
        shell(n, "set -e; seq 1 500 | sort -n | tail -1 | tr 0 9; "
              "x=$(cat data | wc -l); echo $x >count; cat count",
              "599\n1\n")


def compiles():
    for n in range(2):
        shell(n, "set -e; cc -O1 -o prog.%d prog.c; ./prog.%d" % (n, n),
              "42\n")


def storm():
    for n in range(4):
        shell(n, "for i in 1 2 3 4 5 6 7 8 9 10; do (cat data >/dev/null; "
              "(cat data >/dev/null &) ) & done; wait; echo $?", "0\n")


def fifo():
    def wait():
        try:
            os.close(os.open("fifo", os.O_RDONLY))
        except OSError:
            pass
    for _ in range(3):
        threading.Thread(target=wait, daemon=True).start()
    time.sleep(0.05)
    opens(40)
    os.close(os.open("fifo", os.O_RDWR))


def pause():
    say("ok", 0)
    time.sleep(1000)


def tmp():
    top = os.environ["TMPDIR"]
    for n in range(40):
        step(n, lambda: os.mkdir("%s/d%d" % (top, n)) is None and
             open("%s/d%d/f" % (top, n), "w").close() is None)


say("up")
{"opens": opens, "threads": threads, "execs": execs, "pipes": pipes,
 "compiles": compiles, "storm": storm, "fifo": fifo, "pause": pause,
 "tmp": tmp}[kind]()
say("done")
