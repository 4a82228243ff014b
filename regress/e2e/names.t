#!/bin/sh
# set safe-names, set dotdot, set close-on-exec: what holds for all paths.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

have python3 || { skip "names" "no python3"; exit 0; }
mkdir -p d/e
echo x >d/f
echo old >"$WORK/-old"

# ---- names

cat >make.py <<'PY'
import os, sys, stat, errno
def t(what, f, *a, **k):
    try:
        f(*a, **k); print(what, 'made')
    except OSError as e:
        print(what, errno.errorcode[e.errno])
def opened(p, flags):
    os.close(os.open(p, flags, 0o600))
bad = {'newline': b'a\nb', 'escape': b'\x1b[31m', 'dash': b'-rf', 'bidi': 'a\u202egpj'.encode(),
    'latin1': b'\xe9t\xe9', 'space': b'a ', 'c1': b'\xc2\x9b31m', 'separator': '\u2028'.encode()}
for k in sorted(bad):
    t(k, opened, bad[k], os.O_CREAT | os.O_WRONLY)
b = b'-x'
t('creat', opened, b, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
t('excl', opened, b, os.O_CREAT | os.O_EXCL | os.O_RDWR)
t('mkdir', os.mkdir, b); t('mkdir/', os.mkdir, b + b'/'); t('mkfifo', os.mkfifo, b)
t('symlink', os.symlink, b'f', b); t('link', os.link, 'd/f', b)
t('rename', os.rename, 'd/f', b); t('at', os.mkdir, b, dir_fd=os.open('d', os.O_RDONLY))
t('absolute', os.mkdir, os.getcwdb() + b'/d/' + b)
t('old', opened, b'-old', os.O_CREAT | os.O_WRONLY); t('read', opened, b'-old', os.O_RDONLY)
t('remove', os.unlink, b'-old')
t('good', opened, 'gut-\u00e9 \u65e5\u672c'.encode(), os.O_CREAT | os.O_WRONLY)
t('dir', os.mkdir, b'.x-1')
PY
want="bidi EINVAL
c1 EINVAL
dash EINVAL
escape EINVAL
latin1 EINVAL
newline EINVAL
separator EINVAL
space EINVAL
creat EINVAL
excl EINVAL
mkdir EINVAL
mkdir/ EINVAL
mkfifo EINVAL
symlink EINVAL
link EINVAL
rename EINVAL
at EINVAL
absolute EINVAL
old made
read made
remove made
good made
dir made"
run -r 'set safe-names yes' -- python3 make.py
is "unsafe names are not made, by any call; what is there stays usable" "$out" "$want"
is "nothing was made" "$(find . -name '-*' -o -name '*[[:cntrl:]]*')" ""
like "the log says why, and how to allow it" "$err" \
    'mkfile "?.*: ?the name has .*set safe-names|set safe-names yes.*the name has|the name has'
run -- python3 make.py
unlike "without the option they are made" "$out" EINVAL
find . -name '-*' -delete; rm -rf d; mkdir -p d/e; echo x >d/f

# ---- going up

for c in 'cat d/../d/f' 'ls ..' 'stat d/e/..' 'cd d && cd -P ..' 'mkdir d/../new' \
    'cat /usr/../etc/passwd' 'rm d/e/../f' 'ln d/e/../f d/g' 'readlink d/../make.py' \
    '/usr/../bin/true' 'python3 -c "import os; os.open(\"d/..\", os.O_PATH)"' \
    'cat /proc/self/cwd/../f'; do
	run -r 'set dotdot deny' -- sh -c "$c"
	[ $st -ne 0 ] && [ ! -e new ] && [ -e d/f ]
	ok "dotdot: $c" "$st $out $err"
done
run -r 'set dotdot deny' -- sh -c 'cat d/f; cat d/./e/../f; ls ..x 2>&1; cd d && cat f && cat /dev/stdin <f'
is "other paths are as ever" "$(echo "$out" | grep -v 'ls:')" "x
x
x"
like "the log says what would allow it" "$err" 'set dotdot allow'
ln -s ../d/f d/up
run -r 'set dotdot deny' -- cat d/up
is "a symbolic link may say .. itself" "$out" x

# ---- close on exec

run -r 'set close-on-exec force' -- python3 -c '
import os, fcntl, subprocess
fds = [os.open("d/f", os.O_RDONLY), os.open("d", os.O_RDONLY | os.O_DIRECTORY),
    os.open("d/n", os.O_CREAT | os.O_RDWR), os.open("/dev/null", os.O_WRONLY), os.open("/proc/self/maps", os.O_RDONLY)]
print([fcntl.fcntl(f, fcntl.F_GETFD) for f in fds])'
is "every open is close-on-exec" "$st $out" "0 [1, 1, 1, 1, 1]"
cat >noexec.py <<'PY'
import ctypes, os
libc = ctypes.CDLL(None)
fd = libc.open(b"d/f", 0)
os.execvp("sh", ["sh", "-c", "cat <&%d || echo gone" % fd])
PY
run -r 'set close-on-exec force' -- python3 noexec.py
is "a descriptor does not survive" "$out" gone
run -- python3 noexec.py
is "... which it does without" "$out" x
run -r 'set close-on-exec force' -- sh -c 'cat <d/f; echo y >d/o; cat d/o; exec 5<d/f; echo z | cat'
is "redirections work" "$(echo $out)" "x y z"
run -n -r 'set safe-names yes' -r 'set dotdot deny' -r 'set close-on-exec force'
like "-n: who looks at names" "$out" '^# broker: .*mkfile.*set (safe-names|close-on-exec)'
like "-n: ... and at paths" "$out" '^# broker: walk: .*set dotdot'
echo "$out" >again.conf
run -n -f again.conf
is "-n can be read again" "$(echo "$out" | grep -c -E '^set (safe-names yes|dotdot deny|close-on-exec force)')" 3
for l in 'set safe-names maybe:yes or no' 'set dotdot yes:allow or deny' 'set close-on-exec yes:force or keep'; do
	run -n -r "${l%%:*}"
	like "mistake: ${l%%:*}" "$st $err" "^125 .*${l##*:}"
done

# ---- a directory that has no name any more

cat >removed.py <<'PY'
import errno, os
def t(what, f, *a, **k):
    try: print(what, f(*a, **k))
    except OSError as e: print(what, errno.errorcode[e.errno])
def opened(*a, **k): os.close(os.open(*a, **k)); return 'opened'
os.mkdir('gone'); fd = os.open('gone', os.O_RDONLY); os.chdir('gone'); os.rmdir('../gone')
for how in ({}, {'dir_fd': fd}):
    t('.', opened, '.', os.O_RDONLY, **how)
    t('writing', opened, '.', os.O_WRONLY, **how)
    t('x', opened, 'x', os.O_RDONLY, **how)
    t('creat', opened, 'x', os.O_CREAT | os.O_WRONLY, 0o600, **how)
    t('stat', lambda: os.stat('.', **how).st_nlink)
    t('mkdir', os.mkdir, 'x', **how)
    t('mkfifo', os.mkfifo, 'x', **how)
    t('symlink', os.symlink, 'x', 'y', **how)
    t('unlink', os.unlink, 'x', **how)
    t('up', opened, '../removed.py', os.O_RDONLY, **how)
t('list', os.listdir, '.'); t('fd', os.listdir, fd)
t('self', os.listdir, '/proc/self/fd/%d' % fd); t('cwd', os.listdir, '/proc/self/cwd')
t('link', os.link, '/proc/self/cwd/x', 'y'); t('rename', os.rename, 'x', 'y')
t('to', os.rename, '../removed.py', 'y'); t('chmod', os.chmod, fd, 0o700)
t('chdir', os.chdir, '.'); t('parent', os.chdir, '..')
PY
bare=$(python3 removed.py)
for r in 'deny contents glob "/**/*.never"' 'hide glob "/**/*.never"' \
    'deny stat "/never"' 'deny walk "/never"'; do
	run -r 'deny read glob "/**/*.never"' -r "$r" -- python3 removed.py
	is "a removed directory: $r" "$out" "$bare"
done
