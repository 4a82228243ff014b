# A process of many threads that open files ends while they do: of a signal
# that dumps core, or by an exec.  Prints how each went.
#
#	ending.py COUNT
import os
import signal
import sys
import threading


def work(how):
    def opens():
        while True:
            try:
                os.close(os.open("data", os.O_RDONLY))
            except OSError as e:
                os.write(1, b"errno %d\n" % e.errno)
    ready = threading.Barrier(5)

    def run():
        ready.wait()
        opens()
    for _ in range(4):
        threading.Thread(target=run, daemon=True).start()
    ready.wait()
    for _ in range(50):
        os.close(os.open("data", os.O_RDONLY))
    if how == "exec":
        os.execv("/bin/true", ["true"])
    os.kill(os.getpid(), signal.SIGQUIT)
    while True:
        signal.pause()


want = {"exec": 0, "QUIT": -signal.SIGQUIT}
wrong = {}
for n in range(int(sys.argv[1])):
    for how in want:
        pid = os.fork()
        if pid == 0:
            work(how)
        st = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if st != want[how]:
            wrong[how, st] = wrong.get((how, st), 0) + 1
print(" ".join("%s: %d (%d times)" % (h, s, k)
               for (h, s), k in sorted(wrong.items())) or "all as they should")
