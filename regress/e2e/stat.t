#!/bin/sh
# stat, walk and chdir as rights: held by the broker where a rule denies them,
# by nobody and at no cost elsewhere, and then as the kernel does it.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

mkdir -p a/b/c no/sub tree/d1/d2 tree/e
echo x >a/f; echo y >a/b/g; echo z >no/f; echo w >no/sub/h
ln -s f a/l; ln -s "$WORK/no/f" a/lno; ln -s ../no a/dno
for i in 1 2 3 4 5 6 7 8 9; do echo $i >tree/d1/$i; ln -s d1/$i tree/l$i; done
chmod 600 tree/d1/3; mkfifo tree/fifo

# ---- who asks, and who does not

run -v -- sh -c 'ls -lR . >/dev/null; cd a && stat f && readlink l && test -e b/g'
like "without a rule no look is notified" "$err" 'notified:( connect [0-9]+)? execve [0-9]+$'
run -v -r 'deny stat "'"$WORK"'/no/f"' -- sh -c 'stat a/f; cat a/f'
like "with one, those that look are" "$err" 'notified: .*(statx|newfstatat) [0-9]'
unlike "... and no open for it" "$err" 'notified: .*openat'
run -n -r 'deny stat "'"$WORK"'/no/f"'
like "-n: the broker holds it" "$out" '^# broker: stat: notification: Landlock does not see it at ".*/no/f" by -r:1'
like "-n: nobody the others" "$out" '^# nobody: walk, chdir'
run -n -r 'deny chdir /srv' -r 'allow chdir under /'
like "-n: what is taken back is nobody's" "$out" '^# nobody: stat, walk, chdir'

# ---- what each right denies

fails() {	# NAME RULE COMMAND ERROR
	run -r "$2" -- sh -c "$3"
	like "$1" "$st $err" "$4"
}
N=$WORK/no
for c in 'stat no/f' 'test -e no/f || stat no/f' 'readlink -v no/f' \
    'python3 -c "import os; os.getxattr(\"no/f\", \"user.x\")"' \
    'python3 -c "import os; os.statvfs(\"no/f\")"' \
    'python3 -c "import os; print(os.access(\"no/f\", 4)); os.stat(\"no/f\")"'; do
	fails "deny stat: $c" "deny stat under \"$N\"" "$c" 'ermission denied'
done
run -r "deny stat under \"$N\"" -- sh -c 'cat no/f && cd no && cat sub/h'
is "deny stat: reading, and walking, are other rights" "$(echo $st $out)" "0 z w"
run -r "deny stat \"$N/f\"" -- sh -c 'stat -c %s a/f; stat no; cat <no/f
    stat -L a/lno 2>&1 | cat'
like "deny stat: by the name of what is looked at" "$out" \
    "cannot statx 'a/lno': Permission denied"
run -r "deny stat \"$N/f\"" -- python3 -c '
import os
fd = os.open("no/f", os.O_RDONLY); print(os.fstat(fd).st_size)
p = os.open("no/f", os.O_PATH)
try: print(os.fstat(p).st_size)
except PermissionError: print("denied")'
is "a descriptor that is open can be looked at, one that is a place cannot" \
    "$(echo $out)" "2 denied"

for c in 'cat no/f' 'cat no/sub/h' 'ls no/sub' 'stat no/f' 'mkdir no/new' \
    'echo x >no/new' 'ln no/f a/new' 'mv a/f no/g' 'mv no/f a/new' 'rm no/f' \
    'cat a/lno' 'cat a/dno/f' 'cat no/../a/f' 'cd no/sub' 'chmod 600 no/f' \
    'touch no/f' 'truncate -s 0 no/f' 'cat /proc/self/cwd/no/f' \
    'python3 -c "import os; os.open(\"no/f\", os.O_PATH)"'; do
	fails "deny walk: $c" "deny walk \"$N\"" "$c" '[Pp]ermission denied|an.t cd'
done
is "deny walk: nothing was changed" "$(cat a/f no/f no/sub/h; ls a; ls no)" "x
z
w
b
dno
f
l
lno
f
sub"
run -r "deny walk \"$N\"" -- sh -c 'stat -c %F no; ls a; cat a/b/g'
is "deny walk: the directory itself, and others, stay" "$st" 0
run -r "deny walk \"$N\"" -r "allow readfile \"$N/sub/h\"" -- sh -c 'cat no/sub/h; cat no/f'
is "deny walk: the way to what is allowed below is open" "$(echo $out)" "w z"
run -r "deny read under \"$N\"" -r "allow read \"$N/sub/h\"" -- sh -c 'cat no/sub/h; cat no/f; stat no/f'
is "... to that alone" "$(echo $out)" w

run -r "deny chdir under \"$N\"" -- sh -c 'cat no/f; cd no/sub && pwd'
like "deny chdir: it is not entered" "$out $err" "an.t cd to no/sub"
run -r "deny chdir under \"$N\"" -- python3 -c '
import os
fd = os.open("no", os.O_RDONLY | os.O_DIRECTORY)
try: os.fchdir(fd)
except PermissionError: print("denied", os.path.basename(os.getcwd()))
os.chdir("a/b"); print(os.path.basename(os.getcwd()))
os.chdir(".."); os.fchdir(os.open(".", os.O_PATH)); print(os.path.basename(os.getcwd()))
for p in "nothing", "f", "l/x": 
    try: os.chdir(p)
    except OSError as e: print(e.strerror)'
is "... by no descriptor either; elsewhere it is" "$out" "denied work
b
a
No such file or directory
Not a directory
Not a directory"
run -r "kill stat \"$N/f\"" -- sh -c 'stat no/f; echo not reached'
is "kill: for a look, too" "$(echo $out)" "not reached"
like "... the process that looked" "$err" 'killed: .* stat "'

# ---- as bare: every look goes through the broker

cat >force.conf <<'CONF'
profile "default"
allow all under { "$PWD" "$HOME" }
deny stat, walk, chdir "/nothing/there"
hide { "/nothing/hidden" "$PWD/tree/hidden" "$PWD/a/hidden" }
hide glob "$PWD/repo/*.hidden"
CONF
bare_same() {	# NAME COMMAND
	timeout -k 5 60 sh -c "$2" >"$T/bare" 2>&1 </dev/null
	b=$?
	LIMIT=120 run -f force.conf -- sh -c "$2"
	printf '%s\n' "$out$err" | grep -v '^privsep-sandbox: ' >"$T/in.all"
	cat "$T/out" "$T/err" | grep -v '^privsep-sandbox: ' | sort >"$T/in.s"
	sort "$T/bare" >"$T/bare.s"
	[ $b -eq $st ] && cmp -s "$T/bare.s" "$T/in.s"
	ok "as bare: $1" "status: bare $b, inside $st" \
	    "$(diff -a "$T/bare.s" "$T/in.s" | head -10)"
}
bare_same "ls -lR" 'ls -laR tree'
bare_same "stat" 'stat -c "%n %F %h %s %a %u %Y" tree tree/* tree/d1/* /dev/null / . ..; stat -c "%n %F %h %s %a %u" /proc/self/cwd'
bare_same "find" 'find tree -ls; find . -type l -xtype f; find tree -newer a/f -links +1'
bare_same "tar" 'tar cf - tree | tar tvf - | sed "s/[0-9][0-9]:[0-9][0-9]//"'
bare_same "readlink, realpath" 'readlink tree/l1 a/l /proc/self/cwd; readlink -f a/dno/sub ./tree/../a/l; realpath a/lno nothing/x; readlink tree'
bare_same "test, access" 'for f in tree/* a/l nothing a/f/x ""; do for t in -e -d -f -L -r -w -x -s; do test $t "$f"; echo $f $t $?; done; done'
bare_same "df" 'df --output=fstype,target tree /proc /dev'
bare_same "du, cp -a, mv, rm -r" 'cp -a tree copy && du -a --apparent-size copy | sort -k2 && mv copy copy2 && diff -r --no-dereference tree copy2 2>&1 | grep -v fifo; rm -rf copy2; ls'
bare_same "cd" 'cd a/b/../b/c && pwd && cd - && cd tree/l1; cd nothing; cd -P a/dno && pwd && cd /proc/self && ls -d cwd'
have gcc && bare_same "gcc" 'echo "#include <stdio.h>
int main(void){puts(\"hello\");return 0;}" >x.c && gcc -Wall -o x x.c && ./x; rm -f x x.c'
have git && bare_same "git" 'export HOME=$PWD GIT_CONFIG_NOSYSTEM=1; rm -rf repo; git init -q repo && cd repo && cp -r ../a ../tree/d1 . && git -c user.name=a -c user.email=b add -A && git -c user.name=a -c user.email=b commit -qm x && echo y >>a/f && git status --short && git diff --stat && git log --oneline | wc -l; git stash list; cd .. && rm -rf repo'
if have python3; then
	cat >walk.py <<'PY'
import os, shutil, tempfile, pathlib, glob
print(sorted(os.walk('tree')), sorted(glob.glob('**/*', recursive=True)))
for e in sorted(os.scandir('tree/d1'), key=lambda e: e.name):
    print(e.name, e.is_dir(), e.is_file(), e.stat().st_size, e.is_symlink())
print(pathlib.Path('a/dno/sub').resolve(), os.path.realpath('a/lno'))
with tempfile.TemporaryDirectory(dir='.') as d:
    shutil.copytree('tree/d1', d + '/x'); shutil.move(d + '/x', d + '/y')
    print(sorted(os.listdir(d + '/y')), shutil.disk_usage(d).total > 0)
for p in '/proc/self/exe', '/proc/self/cwd', '/proc/self/root', '/proc/thread-self/cwd':
    print(os.readlink(p), os.path.exists(p))
r, w = os.pipe(); print(os.readlink('/proc/self/fd/%d' % r).split(':')[0], os.fstat(r).st_mode)
f = os.open('a/f', os.O_RDONLY); print(os.readlink('/proc/self/fd/%d' % f), os.stat('/dev/fd/%d' % f).st_size)
print(os.stat('/proc/self/fd/%d' % f).st_size, os.lstat('/proc/self/fd/%d' % f).st_mode)
PY
	bare_same "python" 'python3 walk.py'
	cat >efault.py <<'PY'
import ctypes, errno, mmap, os
l = ctypes.CDLL(None, use_errno=True)
l.mmap.restype = ctypes.c_void_p
ro = l.mmap(None, 8192, 1, 0x22, -1, 0)
rw = l.mmap(None, 8192, 3, 0x22, -1, 0)
l.munmap(ctypes.c_void_p(rw + 4096), 4096)
d = os.open('tree/d1', os.O_RDONLY)
for name, nr, args in (('stat', 4, (b'a/f', 0)), ('statx', 332, (-100, b'a/f', 0, 0x7ff, 0)),
    ('readlink', 89, (b'a/l', 0, 10)), ('statfs', 137, (b'a', 0)), ('getdents', 217, (d, 0, 4096))):
    for where in 0, 1, ro, rw + 4096 - 8, 0xffff800000000000:
        a = [ctypes.c_void_p(where) if x == 0 and i == {'stat': 1, 'statx': 4, 'readlink': 1,
            'statfs': 1, 'getdents': 1}[name] else x for i, x in enumerate(args)]
        os.lseek(d, 0, 0)
        r = l.syscall(nr, *a)
        # where the kernel maps differs from run to run
        print(name, {ro: 'ro', rw + 4088: 'rw'}.get(where, hex(where)), r, errno.errorcode.get(ctypes.get_errno() if r < 0 else 0))
PY
	bare_same "results that cannot be written" 'python3 efault.py'
	cat >threads.py <<'PY'
import os, threading
def work(i):
    for n in range(150):
        assert os.stat('tree/d1/%d' % (1 + n % 9)).st_size == 2
        assert os.readlink('tree/l%d' % (1 + n % 9)) == 'd1/%d' % (1 + n % 9)
        assert len(os.listdir('tree/d1')) == 10
ts = [threading.Thread(target=work, args=(i,)) for i in range(8)]
[t.start() for t in ts]; [t.join() for t in ts]; print('done')
PY
	bare_same "eight threads at once" 'python3 threads.py'
	# killed where it stops to be looked at: its parent gets to know
	cat >killed.py <<'PY'
import os, random, signal, time
signal.alarm(60)
for i in range(300):
    p = os.fork()
    while p == 0:
        os.chdir('/'); os.chdir('/usr'); os.close(os.open('/usr', os.O_PATH))
    time.sleep(random.random() / 500)
    os.kill(p, 9); assert os.waitpid(p, 0)[1] == 9
print('done')
PY
	bare_same "killed while it changes its directory" 'python3 killed.py'
	# a call in hand does not change what its process dies of
	cat >abort.py <<'PY'
import collections, os, threading, time
died = collections.Counter()
def work():
    while True: os.close(os.open('a/f', os.O_RDONLY))
for i in range(60):
    p = os.fork()
    if p == 0:
        for _ in range(4): threading.Thread(target=work, daemon=True).start()
        time.sleep(0.003); os.abort()
    died[os.waitpid(p, 0)[1] & 127] += 1
print(dict(died))
PY
	bare_same "aborted while its threads open" 'python3 abort.py'
fi

# What may not be looked at may not be moved to where it may.
mkdir -p keep/in out
echo secret >keep/in/f
cat >away.py <<'PY'
import os, sys
def no(what, *a):
    try:
        what(*a)
    except OSError as e:
        return e.strerror
    return 'done'
print(no(os.rename, 'keep', 'gone'), no(os.rename, 'keep/in/f', 'out/f'),
    no(os.link, 'keep/in/f', 'out/l'))
PY
for right in stat chdir walk; do
	run -r "allow all under \"$WORK\"" \
	    -r "deny quiet $right under \"$WORK/keep\"" -- python3 away.py
	unlike "$right: what is denied it is not moved away" "$out" "done"
	[ -f keep/in/f ] && [ ! -e out/f ] && [ ! -e out/l ]
	ok "$right: and is where it was"
done

is "nothing is left behind" "$(leftovers)" ""
