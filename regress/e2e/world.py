#!/usr/bin/python3
"""The shipped profiles, tried in a world where what their lines name exists.

usage: world.py PRIVSEP TRYER PROFILES DIRECTORY UID [POLICY]

The world is an overlay of this machine's root directory whose upper layer is
a tmpfs on DIRECTORY, with devices, terminals and temporary directories of its
own, in a mount namespace that it goes away with.  It must never write to the
machine's files: below DIRECTORY only before it has changed its root, and to
the world only after that.  POLICY is tried in place of the profiles.

All that is made belongs to UID, who does the trying, so that nothing but the
policy can refuse it.  Every path of the profiles' text is made, with a file
and a directory below it, and beside each a file whose name begins alike.
Every rule that -n prints must then be tried on both sides, or it is in the
table EXCEPT with the reason.
"""
import ctypes
import fcntl
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import termios
import threading

import explain
from explain import Choice, Policy, judge, prepare, probes, side, try_all

HOME = "/home/tester"
LOGIN = "/home/login"		# passwd(5)'s
WORK = HOME + "/project"
CLONE_NEWNS = 0x20000
BIN = "/usr/bin"		# of the program and of the tryer

# What is a file; all else that does not exist yet is made as a directory.
FILES = re.compile(r"""/etc/(g?shadow-?|sudoers|crypttab|krb5.keytab|.*-secrets)
    |.*(rc|_history|/\.[a-z]*history|[-/]secrets?|credentials|token|cookie)
    |.*\.(conf|json|toml|xml|yml|cnf|keytab|secrets?|properties|lock|gpg|cache)
    |.*/(opasswd|credential\.secret|utmp|\.(boto|pgpass|netrc|histfile|viminfo
        |lesshst|passwd-s3fs|authinfo|git-credentials|dbshell|rediscli_auth
        |Xauthority|ICEauthority|rhosts|shosts|gitconfig|package-cache
        |package-cache-mutate|global-cache)|_netrc)
    |.*/\.config/git/(config|ignore|attributes)|.*/\.git/config
    |.*/\.gem/credentials|/etc/(passwd|group|localtime|timezone|locale\.alias
        |ld\.so\.(cache|preload))""", re.X)

# Rules that cannot be tried on both sides, and why: trial, profile that the
# line is in, path.  Anything else that was not tried is a failure, and so is
# a line of this table that nothing needs.
LATER = "a later line decides all of it: "
EXCEPT = {
    ("default_home", "default", HOME): LATER + "the one for $PWD",
    ("agent_config", "agent", HOME + "/.config/git/config"):
        LATER + "the one for $WORKDIR",
    ("agent_config", "agent", HOME + "/.config/git/ignore"):
        LATER + "the one for $WORKDIR",
    ("agent_config", "agent", HOME + "/.config/git/attributes"):
        LATER + "the one for $WORKDIR",
}

# How each profile is tried, and where: those that are parts of others after a
# line that lets the tryer run and gives something to take away; some once more
# where the secrets are, which they then hold inside of what can be changed.
TRIALS = [
    ("default", [], WORK),
    ("default_home", [], HOME),
    ("default_config", [], HOME + "/.config"),
    ("audit", ["-p", "audit"], WORK),
    ("strict", ["-p", "strict"], WORK),
    ("strict_home", ["-p", "strict"], HOME),
    ("build", ["-p", "build"], WORK),
    ("agent", ["-p", "agent"], WORK),
    ("agent_config", ["-p", "agent"], HOME + "/.config"),
    ("service", ["-p", "service"], WORK),
    ("system", ["-p", "system"], WORK),
    ("devices", "allow all under /usr\n"
     "allow read, exec under { /lib /lib64 }\nprofile \"devices\"\n", WORK),
    ("secrets", "allow all under /\nprofile \"secrets\"\n", WORK),
]


def sh(*argv):
    subprocess.run(argv, check=True)


def mount(kind, what, where, options=""):
    sh("mount", "-n", "-t", kind, "-o", options or "rw", what, where)


def enter(directory, programs):
    """Make the world, with these programs, and go there."""
    root = directory + "/root"
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) == -1:
        sys.exit("unshare: " + os.strerror(ctypes.get_errno()))
    sh("mount", "-n", "--make-rprivate", "/")
    mount("tmpfs", "world", directory, "mode=755")
    for d in ("upper", "work", "root"):
        os.mkdir(directory + "/" + d)
    mount("overlay", "world", root, "lowerdir=/,upperdir=%s/upper,workdir="
          "%s/work" % (directory, directory))
    for d in ("proc", "sys"):
        sh("mount", "-n", "--rbind", "/" + d, root + "/" + d)
    for d in ("dev", "tmp", "var/tmp", "run", "home"):
        os.makedirs(root + "/" + d, exist_ok=True)
        mount("tmpfs", d, root + "/" + d,
              "mode=1777" if d.endswith("tmp") else "mode=755")
    for d in ("pts", "shm", "old"):
        os.mkdir(root + "/dev/" + d)
    mount("devpts", "pts", root + "/dev/pts",
          "newinstance,ptmxmode=0666,mode=620")
    mount("tmpfs", "shm", root + "/dev/shm", "mode=1777")
    # with merged /usr these are links; here they have a life of their own
    for d in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if os.path.islink(root + "/" + d):
            to = os.path.join(root, os.readlink(root + "/" + d).lstrip("/"))
            os.unlink(root + "/" + d)
            os.mkdir(root + "/" + d)
            if os.path.isdir(to):
                sh("mount", "-n", "--bind", to, root + "/" + d)
    for name, path in programs.items():
        shutil.copy(path, root + BIN + "/" + name)
        os.chmod(root + BIN + "/" + name, 0o755)
    os.chdir(root)
    sh("pivot_root", ".", "dev/old")
    os.chroot(".")
    sh("umount", "-l", "/dev/old")
    os.rmdir("/dev/old")


def alternatives(pattern):
    """Names for a glob, one for each alternative in its braces."""
    m = re.search(r"\{([^{}]*)\}", pattern)
    if not m:
        return [explain.glob_one(pattern)]
    return [p for one in m.group(1).split(",") for p in
            alternatives(pattern[:m.start()] + one + pattern[m.end():])]


def named(profiles):
    """Paths in the text of the profiles."""
    found = set()
    for name in sorted(os.listdir(profiles)):
        if not name.endswith(".conf"):
            continue
        with open(os.path.join(profiles, name)) as f:
            text = re.sub(r"^#.*", "", f.read(), flags=re.M)
        for q, bare in re.findall(r'"([^"]*)"|(\S+)', text):
            for home in (HOME, LOGIN):
                word = (q or bare).replace("$HOME", home).replace(
                    "$WORKDIR", WORK)
                if word.startswith("/") and word != "/":
                    found.update(alternatives(word))
    return found


class World:
    def __init__(self, uid):
        self.uid, self.made = uid, set()

    def devices(self):
        for name, major, minor in (
                ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7),
                ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
                ("ptmx", 5, 2)):
            for path in ("/dev/" + name, "/dev/%s-beside" % name):
                os.mknod(path, stat.S_IFCHR | 0o666,
                         os.makedev(major, minor))
                os.chmod(path, 0o666)
                self.own(path)
        # another's terminal; the one we are on is Terminal's
        self.pts = os.openpty()
        self.own(os.ttyname(self.pts[1]))
        self.own("/dev/pts/ptmx")

    def own(self, path):
        os.chown(path, self.uid, self.uid, follow_symlinks=False)
        self.made.add(path)

    def directory(self, path):
        if not os.path.lexists(path):
            self.directory(os.path.dirname(path))
            os.mkdir(path)
            self.own(path)

    def file(self, path):
        self.directory(os.path.dirname(path))
        if not os.path.lexists(path):
            shutil.copy("/usr/bin/true", path)
            os.chmod(path, 0o755)
            self.own(path)

    def fill(self, path):
        """A directory, with something in it."""
        self.directory(path)
        self.own(path)
        for name in ("probe", "below/probe"):
            self.file(path.rstrip("/") + "/" + name)

    def place(self, path, is_file):
        if is_file and os.path.islink(path):
            # its rules are two: one for it, one for where it leads
            self.place(os.path.realpath(path), True)
            os.unlink(path)
        path = os.path.realpath(path)
        if path.startswith("/dev/pts/"):
            return
        if os.path.exists(path) and not os.path.isdir(path) or is_file:
            self.file(path)
            self.own(path)
        elif not path.startswith(("/proc", "/sys", "/dev/pts")):
            self.fill(path)
        if not path.startswith(("/proc/", "/sys/")):
            self.file(path + "-beside")

    def login(self):
        """A home directory in passwd(5) that is not $HOME."""
        with open("/etc/passwd") as f:
            lines = [line.split(":") for line in f.read().splitlines()]
        with open("/etc/passwd", "w") as f:
            for e in lines:
                if len(e) == 7 and e[2] == str(self.uid):
                    e[5] = LOGIN
                print(":".join(e), file=f)

    def build(self, paths):
        self.devices()
        self.login()
        self.fill("/")
        for path in sorted(paths):
            self.place(path, FILES.fullmatch(path) and
                       not any(p.startswith(path + "/") for p in paths))
        for path in (HOME, WORK, "/dev", "/tmp"):
            self.place(path, False)

    def prepare(self, wanted):
        """As who does the trying."""
        pid = os.fork()
        if pid == 0:
            try:
                os.setgroups([])
                os.setresgid(self.uid, self.uid, self.uid)
                os.setresuid(self.uid, self.uid, self.uid)
                prepare(wanted)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)

    def around(self, rule):
        """What says something about a rule."""
        paths = alternatives(rule.path) if rule.match == "glob" else \
            [rule.path]
        for path in paths:
            top = path.rstrip("/")
            yield path
            yield from (top + "/probe", top + "/below/probe",
                        top + "-beside", top + "/version",
                        top + "/kernel/uevent_seqnum", top + "/ptmx")
        yield os.ttyname(self.pts[1])


class Terminal:
    """Runs programs on a terminal of their own, as somebody."""
    def __init__(self, uid):
        self.uid = uid
        self.as_user = ["setpriv", "--reuid=%d" % uid, "--regid=%d" % uid,
                        "--clear-groups"] if uid else []
        self.bare = self.as_user if uid else \
            ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
        self.master, slave = os.openpty()
        self.name = os.ttyname(slave)
        os.chown(self.name, uid, -1)
        os.close(slave)

    def run(self, command, input="", **_):
        # a new one each time: it is hung up when its session ends
        slave = os.open(self.name, os.O_RDWR | os.O_NOCTTY)
        said = []

        def listen():
            try:
                while True:
                    said.append(os.read(self.master, 65536))
            except OSError:
                pass	# nobody has it open any more

        def lead():
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        ear = threading.Thread(target=listen)
        with subprocess.Popen(command, stdin=subprocess.PIPE, text=True,
                              stdout=subprocess.PIPE, stderr=slave,
                              preexec_fn=lead) as p:
            os.close(slave)
            ear.start()
            try:
                out = p.communicate(input, timeout=120)[0]
            except subprocess.TimeoutExpired:
                p.kill()
                raise
        ear.join(5)
        return subprocess.CompletedProcess(
            command, p.returncode, out,
            b"".join(said).decode("utf-8", "replace"))


def trial(world, terminal, name, args, bare):
    """One policy: how many things are wrong, and its rules."""
    privsep = terminal.as_user + [BIN + "/privsep-sandbox"]
    done = terminal.run(privsep + ["-n", "-j"] + args)
    if done.returncode != 0:
        print("-n -j: status %d: %s" % (done.returncode, done.stderr))
        return 1, []
    policy = Policy(explain.json.loads(done.stdout))

    cache = {}
    for r in policy.rules:
        for path in world.around(r):
            probes(policy, path, path in world.made, cache)
    every = [p for found in cache.values() for p in found if not p.unsure]
    new = [p for p in every if p.key() not in bare]
    world.prepare(every)
    with tempfile.TemporaryDirectory() as scratch:
        os.chown(scratch, terminal.uid, terminal.uid)
        bare.update(try_all(terminal.bare + ["env", "TMPDIR=" + scratch,
                                             BIN + "/tryer"], new,
                            terminal.run))
    choice = Choice(policy, [p for p in every if bare[p.key()] == "ok"])
    world.prepare(every)
    got = try_all(privsep + args + ["--", BIN + "/tryer"],
                  choice.chosen.values(), terminal.run)
    wrong = judge(policy, choice, got)
    excused = {key[1:]: EXCEPT[key] for key in EXCEPT if key[0] == name}
    for r, no_pass, no_fail in choice.lacking:
        reason = excused.pop((r.name.split(":")[0], r.path), None)
        wrong += reason is None
        print("%s%s: %s%s" % ("# " if reason else "", r.name,
                              side(no_pass, no_fail),
                              " (%s)" % reason if reason else ""))
    for where, path in excused:
        wrong += 1
        print("%s: %s: need not be excused" % (where, path))
    return wrong, policy.rules


def main():
    program, tryer, profiles, directory, uid = sys.argv[1:6]
    paths = named(profiles)
    enter(directory, {"privsep-sandbox": program, "tryer": tryer})
    world = World(int(uid))
    world.build(paths)
    terminal = Terminal(int(uid))
    world.own(terminal.name)
    os.environ.clear()
    os.environ.update(HOME=HOME, TMPDIR="/tmp", USER="tester", PATH=BIN,
                      TERM="xterm")

    bare, printed, bad = {}, [], 0
    trials = TRIALS if len(sys.argv) == 6 else [("given", sys.argv[6], WORK)]
    for name, args, cwd in trials:
        print("profile " + name)
        os.chdir(cwd)
        if isinstance(args, str):
            conf = HOME + "/trial.conf"
            with open(conf, "w") as f:
                f.write(args)
            os.chown(conf, world.uid, world.uid)
            args = ["-f", conf]
        wrong, rules = trial(world, terminal, name, args, bare)
        print("%s %s" % ("bad" if wrong else "good", name), flush=True)
        printed += rules
        bad += wrong
    lines = {r.path for r in printed}
    globs = [r for r in printed if r.match == "glob"]
    missing = [p for p in sorted(paths) if not p.startswith(LOGIN + "/") and
               os.path.realpath(p) not in lines and
               not any(r.matches(p) for r in globs)]
    if trials is TRIALS:
        for path in missing:
            print("%s is in the text of a profile and in no -n" % path)
        print("%s text" % ("bad" if missing else "good"))
    return bad > 0 or (trials is TRIALS and missing != [])


if __name__ == "__main__":
    sys.exit(main())
