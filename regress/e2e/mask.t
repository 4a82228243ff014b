#!/bin/sh
# What is masked is there, and is /dev/null or an empty directory, by every way
# to it that names it; nothing of what is really there is told or changed.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
have python3 || { skip "mask" "no python3"; exit 0; }

mkdir -p home/keys/deep && echo TOPSECRET >home/token
echo TOPSECRET >home/keys/id; echo TOPSECRET >home/keys/deep/id
echo plain >home/open; ln -s token home/link; ln -s keys/id home/lid
ln -s "$WORK/home/keys" home/lkeys; mkfifo home/pipe
H=$WORK/home
cat >m.conf <<END
profile "default"
mask { "$H/token" "$H/keys" "$H/pipe" "$H/none" }
mask glob "$H/*.pem"
END
echo TOPSECRET >home/a.pem; mkdir home/d.pem; echo TOPSECRET >home/d.pem/x
find home | sort >before; cat home/token home/keys/id home/keys/deep/id >>before

cat >ways.py <<'END'
import os, stat, sys
E = lambda f: f if isinstance(f, str) else None
def try_(name, f):
    try:
        v = f()
    except OSError as e:
        v = os.strerror(e.errno)
    print(name, v)
def read(p, **kw):
    fd = os.open(p, os.O_RDONLY, **kw)
    try:
        return os.read(fd, 100)
    finally:
        os.close(fd)
kind = lambda s: (stat.S_IFMT(s.st_mode) == stat.S_IFCHR and "null"
    if os.major(s.st_rdev) == 1 else stat.S_ISDIR(s.st_mode) and "dir")
home = os.open("home", os.O_RDONLY | os.O_DIRECTORY)
for p in ("home/token", "home/a.pem", "home/pipe", "home/link",
    "home/./token", "home/keys/../token", "/proc/self/cwd/home/token"):
    try_("read " + p, lambda: read(p))
    try_("stat " + p, lambda: (kind(os.stat(p)), os.stat(p).st_size))
try_("read at", lambda: read("token", dir_fd=home))
for p in ("home/keys/id", "home/keys/deep/id", "home/lid", "home/lkeys/id",
    "home/keys/none", "home/d.pem/x", "home/keys/deep/../id", "home/none"):
    try_("read " + p, lambda: read(p))
    try_("stat " + p, lambda: os.stat(p).st_size)
for p in ("home/keys", "home/lkeys", "home/d.pem", "home/keys/.", "home/keys/"):
    try_("list " + p, lambda: os.listdir(p))
    try_("stat " + p, lambda: kind(os.stat(p)))
k = os.open("home/keys", os.O_RDONLY | os.O_DIRECTORY)
for p in ("id", "../token", "deep/id"):
    try_("below what is served " + p, lambda: read(p, dir_fd=k))
t = os.open("home/token", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
try_("written", lambda: os.write(t, b"x" * 100))
try_("and gone", lambda: os.pread(t, 9, 0))
try_("through its descriptor", lambda: read("/proc/self/fd/%d" % t))
try_("which is", lambda: os.readlink("/proc/self/fd/%d" % t))
for name, f in (
    ("unlink", lambda: os.unlink("home/token")),
    ("rename", lambda: os.rename("home/token", "home/x")),
    ("onto", lambda: os.rename("home/open", "home/token")),
    ("link", lambda: os.link("home/token", "home/x")),
    ("truncate", lambda: os.truncate("home/token", 0)),
    ("chmod", lambda: os.chmod("home/token", 0o777)),
    ("utime", lambda: os.utime("home/token")),
    ("xattr", lambda: os.setxattr("home/token", "user.x", b"y")),
    ("exclusive", lambda: os.open("home/token", os.O_CREAT | os.O_EXCL)),
    ("O_PATH", lambda: os.open("home/token", os.O_PATH)),
    ("mkdir", lambda: os.mkdir("home/keys")),
    ("mkdir below", lambda: os.mkdir("home/keys/new")),
    ("create below", lambda: os.open("home/keys/new", os.O_CREAT)),
    ("rmdir", lambda: os.rmdir("home/keys")),
    ("move directory", lambda: os.rename("home/keys", "home/k2")),
    ("move parent", lambda: os.rename("home", "h2")),
    ("exec", lambda: os.execv("home/token", ["x"])),
    ("chdir", lambda: os.chdir("home/keys")),
    ("create what is not there", lambda: os.open("home/none", os.O_CREAT))):
    try_(name, f)
END
cat >want <<'END'
read home/token b''
stat home/token ('null', 0)
read home/a.pem b''
stat home/a.pem ('null', 0)
read home/pipe b''
stat home/pipe ('null', 0)
read home/link b''
stat home/link ('null', 0)
read home/./token b''
stat home/./token ('null', 0)
read home/keys/../token b''
stat home/keys/../token ('null', 0)
read /proc/self/cwd/home/token b''
stat /proc/self/cwd/home/token ('null', 0)
read at b''
read home/keys/id No such file or directory
stat home/keys/id No such file or directory
read home/keys/deep/id No such file or directory
stat home/keys/deep/id No such file or directory
read home/lid No such file or directory
stat home/lid No such file or directory
read home/lkeys/id No such file or directory
stat home/lkeys/id No such file or directory
read home/keys/none No such file or directory
stat home/keys/none No such file or directory
read home/d.pem/x No such file or directory
stat home/d.pem/x No such file or directory
read home/keys/deep/../id No such file or directory
stat home/keys/deep/../id No such file or directory
read home/none No such file or directory
stat home/none No such file or directory
list home/keys []
stat home/keys dir
list home/lkeys []
stat home/lkeys dir
list home/d.pem []
stat home/d.pem dir
list home/keys/. []
stat home/keys/. dir
list home/keys/ []
stat home/keys/ dir
below what is served id No such file or directory
below what is served ../token No such file or directory
below what is served deep/id No such file or directory
written 100
and gone b''
through its descriptor b''
which is /dev/null
unlink Permission denied
rename Permission denied
onto Permission denied
link Permission denied
truncate Permission denied
chmod Permission denied
utime Permission denied
xattr Permission denied
exclusive File exists
O_PATH Permission denied
mkdir File exists
mkdir below Permission denied
create below Permission denied
rmdir Permission denied
move directory Permission denied
move parent Invalid cross-device link
exec Permission denied
chdir Permission denied
create what is not there Permission denied
END
sed -i '/^E = /d' ways.py
run -f m.conf -- python3 ways.py
printf '%s\n' "$out" >got
is "each way to what is masked" "$(diff want got)" ""
find home | sort >after; cat home/token home/keys/id home/keys/deep/id >>after
is "nothing of it has changed" "$(diff before after)" ""
run -f m.conf -- sh -c 'find home | sort; grep -r TOPSECRET home; tar cf - home | grep -c TOPSECRET; cat home/*'
unlike "find, grep, tar, cat do not see it" "$out" TOPSECRET
like "... and see the rest" "$out" plain
run -n -f m.conf
like "-n: who holds it, and why" "$out" \
    'broker: readfile.*: the kernel opens nothing else instead at ".*/token"'
like "-n: in the language" "$out" "^mask \"$H/token\""

# What comes later counts.
run -r "mask \"$H/token\"" -r "allow read \"$H/token\"" -- cat home/token
is "a later allow undoes it" "$out" TOPSECRET
run -r "allow read \"$H/token\"" -r "hide \"$H/token\"" -r "mask \"$H/token\"" -- \
    cat home/token
is "after hide it is masked" "$st $out" "0 "
run -r "mask \"$H/token\"" -r "hide \"$H/token\"" -- cat home/token
like "and hidden after mask" "$err" "No such file"
run -r "mask \"$H/keys\"" -r "allow read \"$H/keys/id\"" -- \
    sh -c 'cat home/keys/id; cat home/keys/deep/id'
is "a later allow below is reached, and nothing beside it" "$out" TOPSECRET
run -r "mask errno ENOENT \"$H/token\"" -- true
like "a mask has no errno" "$st $err" '^[1-9].*-r:1:.*expected'

# Races: the name moves between what is masked and what is not.
cat >race.py <<'END'
import os, threading, time
os.symlink("open", "home/sw")
stop = False
def swap():
    i = 0
    while not stop:
        i += 1
        os.symlink(("open", "token", "keys/id")[i % 3], "home/sw.new")
        os.rename("home/sw.new", "home/sw")
t = threading.Thread(target=swap); t.start()
seen, end = set(), time.monotonic() + 2
while time.monotonic() < end:
    try:
        with open("home/sw", "rb") as f: seen.add(f.read())
    except OSError: pass
stop = True; t.join()
print(b"TOPSECRET\n" in seen, b"plain\n" in seen)
END
run -f m.conf -- python3 race.py
is "a link that changes all the time never leads to what is masked" "$out" \
    "False True"
