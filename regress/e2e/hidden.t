#!/bin/sh
# hide: a hidden name cannot be found by any call, by its errors, by a listing,
# by counting links, or by a race.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

mkdir -p vis/deep hid/sub part/pub top/h1 top/h2 top/v1 only/h empty
echo ok >vis/f
echo secret >hid/f
echo secret >hid/sub/g
echo public >part/pub/p; echo secret >part/f
echo secret >plain
ln -s ../vis hid/out
mkdir dst; echo secret >dst/f; ln -s "$WORK/dst" link
cat >hide.conf <<'CONF'
profile "default"
hide under { "$PWD/hid" "$PWD/plain" "$PWD/nothing" "$PWD/part" }
hide glob "$PWD/top/h*"
hide "$PWD/only/h" 
hide "$PWD/link"
allow read under "$PWD/part/pub"
CONF
inside() { run -f hide.conf -- "$@"; }


# What is there and what is not there fail alike, each call by itself.
cp "$HOME/bin/tryer" . 2>/dev/null
cat >calls.py <<'PY'
import ctypes, errno, os, stat, sys
libc = ctypes.CDLL(None, use_errno=True)
base = sys.argv[1]
buf = ctypes.create_string_buffer(65536)
zero = ctypes.create_string_buffer(64)
def c(nr, *a):
    a = [x.encode() if isinstance(x, str) else x for x in a]
    r = libc.syscall(nr, *a)
    if len(sys.argv) > 2:
        tidy()
    return 'ok' if r >= 0 else errno.errorcode[ctypes.get_errno()]
AT = -100
def tidy():	# bare, calls succeed: what they made goes
    os.system('rm -rf %s vis/new; echo ok >vis/f' % base)
def calls(p):
    q = os.getcwd() + '/vis/new'
    return [
    ('stat', c(4, p, buf)), ('lstat', c(6, p, buf)),
    ('newfstatat', c(262, AT, p, buf, 0)), ('statx', c(332, AT, p, 0, 0x7ff, buf)),
    ('access', c(21, p, 0)), ('faccessat', c(269, AT, p, 0)),
    ('faccessat2', c(439, AT, p, 0, 0)), ('readlink', c(89, p, buf, 4096)),
    ('readlinkat', c(267, AT, p, buf, 4096)), ('statfs', c(137, p, buf)),
    ('getxattr', c(191, p, 'user.x', buf, 100)), ('listxattr', c(194, p, buf, 100)),
    ('lgetxattr', c(192, p, 'user.x', buf, 100)),
    ('setxattr', c(188, p, 'user.x', buf, 1, 0)), ('removexattr', c(197, p, 'user.x')),
    ('open', c(2, p, os.O_RDONLY)), ('open dir', c(2, p, os.O_DIRECTORY)),
    ('open w', c(2, p, os.O_WRONLY)), ('open path', c(2, p, 0o10000000)),
    ('open nofollow', c(2, p, os.O_NOFOLLOW)),
    ('open creat', c(2, p, os.O_CREAT | os.O_WRONLY, 0o600)),
    ('open excl', c(2, p, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)),
    ('open trunc', c(2, p, os.O_TRUNC | os.O_RDWR)),
    ('open tmpfile', c(2, p, os.O_TMPFILE | os.O_RDWR, 0o600)),
    ('creat', c(85, p, 0o600)), ('mkdir', c(83, p, 0o700)), ('mkdir/', c(83, p + '/', 0o700)),
    ('mkdir/.', c(83, p + '/.', 0o700)),
    ('mknod', c(133, p, stat.S_IFIFO | 0o600, 0)), ('symlink', c(88, 'x', p)),
    ('link to', c(86, os.getcwd() + '/vis/f', p)), ('link from', c(86, p, q)),
    ('rename to', c(82, os.getcwd() + '/vis/f', p)), ('rename from', c(82, p, q)),
    ('exchange', c(316, AT, p, AT, os.getcwd() + '/vis/f', 2)),
    ('exchanged', c(316, AT, os.getcwd() + '/vis/f', AT, p, 2)),
    ('noreplace', c(316, AT, os.getcwd() + '/vis/f', AT, p, 1)),
    ('unlink', c(87, p)), ('rmdir', c(84, p)), ('unlinkat', c(263, AT, p, 0x200)),
    ('truncate', c(76, p, 0)), ('chmod', c(90, p, 0o600)), ('chown', c(92, p, -1, -1)),
    ('lchown', c(94, p, -1, -1)), ('utime', c(132, p, None)), ('chdir', c(80, p)),
    ('inotify', c(254, ifd, p, 0xfff)), ('execve', c(59, p, None, None)),
    ('handle', c(303, AT, p, buf, buf, 0)),
    ('getxattrat', c(464, AT, p, 0, 'user.x', zero, ctypes.c_long(16))),
    ('setxattrat', c(463, AT, p, 0, 'user.x', zero, ctypes.c_long(16))),
    ('file_getattr', c(468, AT, p, buf, 24, 0)), ('file_setattr', c(469, AT, p, zero, 24, 0)),
    ('through', c(4, p + '/../vis', buf)), ('through file', c(4, p + '/../vis/f', buf)),
    ('below', c(4, p + '/x', buf)), ('below open', c(2, p + '/x', 0)),
    ('below make', c(83, p + '/x', 0o700)), ('below creat', c(85, p + '/x', 0o600)),
    ('dot', c(4, p + '/.', buf)), ('slash', c(4, p + '/', buf)),
    ('below link', c(86, p + '/f', q)), ('below rename', c(82, p + '/f', q)),
    ]
ifd = libc.inotify_init1(0)
os.set_inheritable(0, True)
for n, e in calls(base):
    print(n, e)
PY
have python3 || { skip "every call" "no python3"; exit 0; }
same_errors() {	# NAME HIDDEN MISSING
	inside python3 calls.py "$WORK/$2"
	is "$1: calls were made" "$st" 0
	[ $st -eq 0 ] || echo "$err" | head -5 | sed 's/^/# /'
	a=$out
	echo "$a" >"$T/there"
	inside python3 calls.py "$WORK/$3"
	echo "$out" >"$T/missing"
	is "$1: no call tells it from a hidden name that is not there" \
	    "$(diff "$T/there" "$T/missing")" ""
	unlike "$1: no call but one that is refused altogether succeeds" "$a" ' ok$'
}
same_errors "a hidden directory" hid nothing
same_errors "a hidden file" plain nothing
same_errors "a hidden file in it" hid/f nothing/f
same_errors "a hidden directory by a glob" top/h1 top/h9
same_errors "a hidden symlink" link nothing
errors=$a

# Those that make a name aside it is what a missing name gives bare.
timeout 20 python3 calls.py "$WORK/absent" bare >bare.out 2>/dev/null
make='open creat|open excl|creat|mkdir.*|mknod|symlink|link to|rename to|noreplace|exchange.*'
grep -v -E "^($make) " bare.out >"$T/bare"
is "where nothing is made the errors are those of a missing name" \
    "$(echo "$errors" | grep -v -E "^($make) " |
    diff - "$T/bare")" ""
like "to make one is refused" "$errors" '^mkdir EACCES$'
[ "$(cat plain hid/f hid/sub/g)" = "secret
secret
secret" ] && [ ! -e vis/new ]
ok "nothing was changed by all that"
rm -rf absent vis/new

# Listings.
inside ls -a .
unlike "a listing does not show it" "$out" '^(hid|plain|link|dst)$'
like "... and shows the rest" "$out" '^vis$'
inside sh -c 'for i in * */*; do echo "$i"; done'
unlike "nor does a glob of the shell" "$out" '^(plain|link|hid/.*|part/f|top/h.*)$'
inside find . -name '*'
unlike "nor find" "$out" '/(plain|link|h1|h2|sub|hid|out)$|part/f'
inside python3 -c 'import os; print(sorted(os.listdir("top")), sorted(os.listdir("only")))'
is "nor python" "$out" "['v1'] []"
inside cat part/pub/p
is "what is allowed below can be reached" "$st:$out" 0:public
inside ls part
is "... and of its directory nothing else is listed" "$st:$out" 0:pub

# Counts and sizes.
(mkdir -p cmp/v1; stat -c %h cmp top >bare.links)
inside stat -c %h cmp top
is "hidden subdirectories are not counted" "$(echo $out)" "3 3"
is "... which bare they are" "$(echo $(cat bare.links))" "3 5"
inside python3 -c 'import os
fd = os.open("top", os.O_RDONLY)
print(os.fstat(fd).st_nlink, os.stat(fd).st_nlink)'
is "... nor by a descriptor" "$out" "3 3"

touch -a -d 2020-01-01 top
touch -m -d 2021-01-01 top
inside stat -c %h top
is "... nor is to look at them an access" "$out $(stat -c %X top)" \
    "3 $(date -d 2020-01-01 +%s)"

# Removing what it is in.
inside sh -c 'rmdir only; echo $?; rm -r top; mv top gone; rmdir empty'
[ -d only/h ] && [ -d top/h1 ] && [ ! -d empty ]
ok "a directory that holds a hidden one stays, an empty one goes" "$out" "$err"
mkdir -p top/v1
like "... with an error that names no reason" "$err" 'only.*(busy|Busy)'

# By descriptors and by ways round.
inside sh -c 'cat <hid/f; cat link/f; cat hid/out/f; cat hid/../vis/f'
is "no path leads through it" "$st:$out" "1:"
inside sh -c 'cd vis && cat ../plain; cat "$PWD/../hid/f"; cat /proc/self/cwd/../plain; cat //proc/self/root"$WORK"/plain'
unlike "nor round it" "$out" secret
inside sh -c 'cp -r . /tmp/x 2>/dev/null || cp -r . "$TMPDIR/copy"; find "$TMPDIR/copy" -name plain; tar cf - . | tar tf - | grep -E "plain|hid/f"'
is "it is not copied and not archived" "$out" ""
inside python3 - <<'PY'
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.inotify_init1(0)
print(libc.inotify_add_watch(fd, b'vis', 0xfff) > 0,
    libc.inotify_add_watch(fd, b'top', 0xfff), os.strerror(ctypes.get_errno()))
PY
is "no watch tells of it" "$out" "True -1 Permission denied"
like "... and the log says why" "$err" \
    'readdir ".*/top" by hide.conf:3 hide glob .*: a name in it is hidden'
inside sh -c 'cd vis && pwd -P && cd .. && pwd -P'
is "the working directory can be changed" "$(echo $out)" "$WORK/vis $WORK"
run -r 'hide under "'"$WORK"'/hid"' -- cat hid/f
like "the log says what hides it" "$err" 'openat .*hid/f.* by -r:1 hide under'
run -f hide.conf -r 'hide quiet "'"$WORK"'/vis/f"' -- cat vis/f
unlike "... but not when it is quiet" "$err" 'denied: .*vis/f'
like "... and it is hidden" "$err" 'No such file'

# What names mount points, and sockets, and the recipe for it in the manual.
run -f hide.conf -- python3 -c '
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for nr in 457, 458:
    print(libc.syscall(nr, 0, 0, 0, 0), os.strerror(ctypes.get_errno()))'
is "no mount point is told of by a call" "$out" "-1 Function not implemented
-1 Function not implemented"
sed -n 's/^hide quiet glob { "\/proc/&/p' "$E2E/src/man/privsep-sandbox.conf.5" \
    >recipe.conf
run -f hide.conf -r "$(cat recipe.conf)" -- sh -c 'cat /proc/mounts \
    /etc/mtab /proc/self/mountinfo /proc/thread-self/mountinfo \
    /proc/self/task/$$/mountstats /proc/net/unix /proc/$$/net/unix'
is "nor by a file" "$st $out" "1 "
is "... of those" "$(echo "$err" | grep -c "No such file")" 7

# What is printed can be read again.
run -n -f hide.conf
like "-n: the rule and who holds it" "$out" '^hide under ".*/hid"	# hide.conf:2: broker: .*stat.*walk'
unlike "-n: nobody holds no look" "$out" '^# not mediated: stat:'
echo "$out" >again.conf
run -n -f again.conf
like "-n can be read again" "$out" '^hide glob ".*/top/h\*"'
run -n
like "-n: without such rules nobody asks" "$out" '^# not mediated: stat: .*newfstatat'
for l in 'hide read /x:unexpected' 'hide under "relative":not absolute' \
    'hide log quiet /x:exclude' 'hide:too early' 'hide "/x" errno EPERM:unexpected'; do
	run -n -r "${l%%:*}"
	like "mistake: ${l%%:*}" "$st $err" "^125 .*${l##*:}"
done

# Races: the visible and the hidden one swap, in memory, in links.
mkdir -p r/vvv r/hhh
echo x >r/vvv/f; echo y >r/hhh/f
mkdir r/vvv/d r/hhh/d; : >r/vvv/d/vtext; : >r/hhh/d/htext
ln -s vtext r/vvv/l; ln -s htext r/hhh/l
cp "$HOME/bin/looker" .
cat >race.conf <<'CONF'
profile "default"
hide under "$PWD/r/hhh"
CONF
ino() { stat -c %i "$1"; }
attempts=0
killed=0
race() {	# HOW CALL NAME TEXT; again where nobody swapped in time
	tries=0
	refused=0
	while [ "$refused" -eq 0 ] && [ $tries -lt 20 ]; do
		tries=$((tries + 1))
		run -f race.conf -- ./looker "$1" "$2" 0.3 "$WORK/r/vvv$3" \
		    "$WORK/r/hhh$3" "$(ino "r/hhh$3")" "$4"
		case $out in *" breaches 0") ;; *) break ;; esac
		attempts=$((attempts + $(echo "$out" | sed 's/.*attempts \([0-9]*\).*/\1/')))
		killed=$((killed + $(echo "$out" | sed 's/.*killed \([0-9]*\).*/\1/')))
		refused=$(echo "$out" | sed 's/.*refused \([0-9]*\).*/\1/')
	done
	like "$1 $2: no breach" "$out" " breaches 0$"
	echo "# $out"
	[ "$refused" -gt 0 ]
	ok "$1 $2: the hidden one was tried" "$out"
}
for how in bytes symlink parent; do
	for c in stat statx opath; do race $how $c /f x; done
	race $how list /d htext
done
race bytes readlink /l htext
race parent readlink /l htext
race bytes chdir "" x
race symlink chdir "" x
[ "$attempts" -gt 500 ]
ok "more than 500 attempts were made" "$attempts"
echo "# $attempts attempts, $killed killed"
for c in "stat /f" "list /d"; do
	./looker ctl ${c% *} 0.1 "$WORK/r/vvv${c#* }" "$WORK/r/hhh${c#* }" \
	    "$(ino "r/hhh${c#* }")" htext | grep -q 'breaches [1-9]'
	ok "bare, the test does find breaches: $c"
done
