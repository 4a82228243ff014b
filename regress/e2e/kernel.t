#!/bin/sh
# What the kernel can hold alone it does hold alone: no file call is notified,
# and what is denied stays denied whatever is tried.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
LIMIT=120

# notified ARGS: run with -v; in $calls the calls that were notified, but not
# execve, which is verified always, nor connect, which is no file call: the C
# library asks for a name service that is not there.
notified() {
	run -v "$@"
	calls=$(echo "$err" | sed -n 's/^privsep-sandbox: receiver: notified://p' |
	    sed 's/ execve [0-9]*//; s/ execveat [0-9]*//; s/ connect [0-9]*//
	    s/ nothing//; s/^ *//')
	echo "$err" | grep -q 'receiver: notified:' || calls="no count"
}

# zero NAME COMMAND: under the default profile no call but execve is notified.
zero() {
	z_name=$1
	shift
	notified -- "$@"
	is "$z_name: nothing but execve is notified" "$st:$calls" "0:"
}

# ---- the default profile costs nothing

zero "cat" cat /etc/passwd
zero "find /usr/share/doc -type f -exec cat +" sh -c \
    'find /usr/share/doc -type f -exec cat {} + >/dev/null 2>&1; true'
zero "find /usr -type f -exec cat of some files" sh -c \
    'find /usr -type f 2>/dev/null | head -3000 | xargs cat >/dev/null 2>&1; true'
zero "find -exec cat, one by one" sh -c \
    'find /usr/include/linux -name "[a-d]*.h" -exec cat {} \; >/dev/null'
zero "find -ls" sh -c 'find /usr/include -ls >/dev/null'
zero "a shell pipeline" sh -c 'ls -l /usr/bin | sort -k 5 -n | tail -5 |
    awk "{ print \$9 }" | tee names | wc -l; rm names'
zero "files made, linked, moved and removed" sh -c 'mkdir -p d/e; echo 1 >d/f
    ln d/f d/g; ln -s f d/h; mv d/g d/e/g; truncate -s 7 d/e/g; mkfifo d/p
    cat d/h; rm -r d'
zero "TMPDIR" sh -c 'f=$(mktemp) && echo 1 >"$f" && sort -o "$f" "$f" && rm "$f"'
zero "what is denied is denied without it" sh -c 'mkdir -p x
    cat ~/.ssh/id 2>/dev/null && exit 1; (: >/usr/x) 2>/dev/null && exit 1
    mv x ~/x 2>/dev/null && exit 1; rmdir x'
if have git; then
	export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b
	export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
	git init -q -b main repo && (cd repo && cp -r /usr/include/scsi . &&
	    git add . && git commit -q -m one && echo x >>scsi/sg.h && echo y >new)
	cd repo || exit 1
	zero "git status" git status
	zero "git log, diff, grep" sh -c 'git log -p | wc -c; git diff | wc -l
	    git grep -c SCSI | wc -l'
	cd .. || exit 1
else
	skip "git status" "not installed"
fi
if have cc; then
	printf '#include <stdio.h>\n#include <stdlib.h>\nint main(void) { return (puts("x") == EOF); }\n' >x.c
	zero "cc -c" cc -O1 -c x.c
	zero "cc -S and as" sh -c 'cc -S x.c && as -o y.o x.s && rm x.s y.o'
	zero "ar" sh -c 'ar rcs x.a x.o && ar t x.a && rm x.a'
	notified -- cc -o x x.c
	is "cc that links: the mode of its output, and no more" \
	    "$st:$calls" "0:chmod 1"
	notified -- sh -c 'cc -o x x.o && cc -o y x.o && cc -shared -o z.so x.o &&
	    ./x && ./y'
	is "three of them: three modes" "$st:$calls" "0:chmod 3"
	notified -- cc -c x.c -o "$T/x.o"
	is "an output outside fails without a notification" "$st:$calls" "1:"
else
	skip "cc" "not installed"
fi
if [ -x /usr/bin/python3 ]; then
	zero "python3" /usr/bin/python3 -c 'import json, email, asyncio'
	zero "python3 that reads and writes" /usr/bin/python3 -c '
import os, shutil
os.makedirs("p/q"); open("p/q/r", "w").write("x")
os.rename("p/q/r", "p/s"); print(open("p/s").read(), os.listdir("p"))
shutil.rmtree("p")'
else
	skip "python3" "not installed"
fi
if have node; then
	zero "node" node -e 'require("fs").readdirSync("/usr/lib");
	    console.log(require("crypto").createHash("md5").digest("hex"))'
else
	skip "node" "not installed"
fi
zero "perl" perl -MPOSIX -MFile::Temp -e 'print time > 0'

# The count is one that can fail.
notified -w -- cat /etc/passwd
like "-w: the same calls are notified" "$calls" 'openat [0-9]+'
notified -r 'deny read /etc/passwd errno ENOENT' -- cat /etc/hostname
like "a rule that takes the broker: they are too" "$calls" 'openat [0-9]+'
notified -- chmod 600 repo
like "what Landlock does not see is notified" "$calls" '^f?chmod(at)? 1$'

# ---- an independent count

if ! have strace; then
	skip "strace counts the same" "not installed"
elif [ "$(id -u)" -ne 0 ]; then
	skip "strace counts the same" "attaching takes root"
else
	mkfifo go
	timeout 60 "$PRIVSEP" -v -- /bin/sh -c 'read x <go; i=0
	    while [ $i -lt 20 ]; do /bin/true; i=$((i + 1)); done
	    for f in /usr/include/*.h; do read -r l <$f; done; : >made
	    /usr/bin/find /usr/include -type f -exec /bin/cat {} + >/dev/null
	    exec /bin/rm made' >/dev/null 2>"$T/err" &
	sandbox=$!
	wait_for 100 grep -q 'receiver is process' "$T/err"
	pid=$(sed -n 's/.*receiver is process //p' "$T/err")
	# until the shell waits: it is the receiver's child
	wait_for 100 sh -c "grep -q sh /proc/$pid/task/*/children ||
	    grep -sq '^sh$' \$(sed 's,\([0-9]*\) *,/proc/\1/comm ,g' \
	    /proc/$pid/task/$pid/children)"
	strace -f -e trace=ioctl -o "$T/strace" -p "$pid" 2>"$T/strace.err" &
	tracer=$!
	wait_for 100 grep -q attached "$T/strace.err"
	sleep 1
	echo >go
	wait $sandbox
	is "the run ends well under strace" "$?" 0
	wait $tracer 2>/dev/null
	total=$(sed -n 's/.*notified: execve \([0-9]*\)$/\1/p' "$T/err")
	# the shell itself came before
	seen=$(grep -c 'SECCOMP_IOCTL_NOTIF_RECV.* = 0$' "$T/strace")
	want=23	# true, find, rm, and cat at least once
	is "strace sees as many SECCOMP_IOCTL_NOTIF_RECV as -v counts" \
	    "$seen" $((total - 1))
	[ "$seen" -ge $want ] && [ "$seen" -le $((want + 8)) ]
	ok "... which are the programs that were run" "$seen, at least $want"
fi

# ---- deny inside allow inside deny, split by the kernel

tree=$T/tree
mkdir -p "$tree/a/open/deep" "$tree/a/shut/open/deep/shut" "$tree/b"
for d in a a/open a/open/deep a/shut a/shut/open a/shut/open/deep \
    a/shut/open/deep/shut b; do
	echo "SECRET $d" >"$tree/$d/file"
done
cp /bin/true "$tree/a/tool"
cp /bin/true "$tree/a/shut/tool"
cat >split.conf <<CONF
set late-siblings deny
profile "default"
allow read, exec under "$tree/a"
deny contents under "$tree/a/shut"
allow read under "$tree/a/shut/open"
deny contents under "$tree/a/shut/open/deep/shut"
CONF
chmod go-w split.conf
for f in a a/open a/open/deep a/shut/open a/shut/open/deep; do
	notified -f split.conf -- cat "$tree/$f/file"
	is "$f is allowed by the kernel" "$st:$out:$calls" "0:SECRET $f:"
done
for f in b a/shut a/shut/open/deep/shut; do
	notified -f split.conf -- cat "$tree/$f/file"
	is "$f is denied by the kernel" "$st:$out:$calls" "1::"
done
notified -f split.conf -- "$tree/a/tool"
is "a program in a is run" "$st:$calls" "0:"
notified -f split.conf -- "$tree/a/shut/tool"
is "one in a/shut is not" "$st:$calls" "126:"
notified -f split.conf -- ls "$tree/a/shut"
is "names in a/shut can be seen" "$st:$calls" "0:"
# Names that come later, beside the split and in what is whole.
cat >"$T/later.sh" <<'SH'
# outside, while the sandbox waits for the fifo
mkdir "$1/a/late" && echo late >"$1/a/late/file" && echo late >"$1/a/later"
echo late >"$1/a/shut/open/later" && echo late >"$1/a/open/later"
echo late >"$1/a/shut/later" && mkdir "$1/a/shut/late" &&
    echo late >"$1/a/shut/late/file"
SH
# later RULES...: what is readable of that, in $seen
later() {
	rm -rf "$tree/a/late" "$tree/a/later" "$tree/a/shut/open/later" \
	    "$tree/a/open/later" "$tree/a/shut/later" "$tree/a/shut/late" wait
	mkfifo wait
	( wait_for 100 test -e started; sh "$T/later.sh" "$tree"; echo >wait ) &
	rm -f started
	notified "$@" -- sh -c ': >started; read x <wait; for f in late/file \
	    later open/later shut/open/later shut/later shut/late/file; do
	    read -r l <"$0/a/$f" && echo "$f"; done 2>/dev/null; true' "$tree"
	wait
	rm -f started wait
	seen=$(echo "$out" | tr '\n' ' ')
}
later -f split.conf
is "late-siblings deny: what is later beside the split stays denied" \
    "$seen:$calls" "open/later :"
sed 's/^set.*/set late-siblings deny/; s/^profile.*/&\nset late-siblings broker/' \
    split.conf >late.conf
later -f late.conf
is "late-siblings broker: it is as the rules say" "$seen" \
    "late/file later open/later shut/open/later "
like "... by the broker" "$calls" 'openat [0-9]+'

# ---- tricks

fresh() {	# a tree with a secret two levels down in an allowed one
	chmod -R u+rwX "$tree" 2>/dev/null
	rm -rf "$tree" "$WORK/box"
	mkdir -p "$tree/a/mid/keys" "$WORK/box"
	echo "SECRET" >"$tree/a/mid/keys/key"
	cp /bin/true "$tree/a/mid/keys/prog"
	chmod 700 "$tree/a/mid/keys/prog"
}
fresh
# (files without a name in /tmp are the broker's; so is openat2, always, and an
# open with access mode 3, which Landlock asks nothing of)
cat >tricks.conf <<CONF
profile "default"
deny mktemp { /tmp /var/tmp }
allow read, exec under "$tree/a"
deny contents under "$tree/a/mid/keys"
CONF
cp "$HOME/bin/kernelbreak" "$WORK/kernelbreak"
before=$(cd "$tree" && find . | sort)
notified -f tricks.conf -- ./kernelbreak "$tree/a/mid/keys/key" "$WORK/box" \
    "$tree/a/mid/keys/prog"
is "the tricks ran to their end" "$st:$(echo "$out" | tail -1)" "0:end"
is "no trick gets at a denied file in an allowed tree" \
    "$(echo "$out" | grep LEAK)" ""
[ "$(echo "$out" | grep -c ': [A-Z]')" -ge 45 ]
ok "... and each was tried" "$out"
is "... without a notification but for what Landlock does not see" \
    "$(echo "$calls" | sed 's/ [0-9][0-9]*//g')" "openat openat2"
is "... and the tree is as it was" "$(cd "$tree" && find . | sort)" "$before"
is "... the file too" "$(cat "$tree/a/mid/keys/key")" SECRET

# The same where the tree can be written: then names cannot be the kernel's.
fresh
cat >tricks.conf <<CONF
profile "default"
allow read, write, create, delete, exec under "$tree/a"
deny contents under "$tree/a/mid/keys"
CONF
run -f tricks.conf -- ./kernelbreak "$tree/a/mid/keys/key" "$WORK/box" \
    "$tree/a/mid/keys/prog"
is "the tricks in a tree that can be written end" \
    "$st:$(echo "$out" | tail -1)" "0:end"
is "no trick gets at a denied file in a writable tree" \
    "$(echo "$out" | grep LEAK)" ""
is "... and the file is as it was" "$(cat "$tree/a/mid/keys/key")" SECRET
run -f tricks.conf -- sh -c "echo 1 >$tree/a/mid/new && cat $tree/a/mid/new"
is "... beside it names can be made" "$st:$out" "0:1"

# Names and contents in the working directory, denied by the command line.
fresh
mkdir -p "$WORK/proj/mid/keys"
cp "$tree/a/mid/keys/"* "$WORK/proj/mid/keys/"
cd "$WORK/proj" || exit 1
mkdir box
cp "$HOME/bin/kernelbreak" .
run -r 'deny contents under "$PWD/mid/keys"' -- ./kernelbreak \
    "$WORK/proj/mid/keys/key" "$WORK/proj/box" "$WORK/proj/mid/keys/prog"
is "no trick gets at a denied file in the working directory" \
    "$st:$(echo "$out" | tail -1):$(echo "$out" | grep LEAK)" "0:end:"
cd "$WORK" || exit 1

# A rule that denies execution only.
cp /bin/true exe
notified -r 'deny exec under "$PWD"' -- ./exe
is "execution is denied by a rule of the command line" "$st:$calls" "126:"
notified -r 'deny exec under "$PWD"' -- sh -c 'ln exe exe2; cp exe exe3
    mv exe exe4; for i in exe2 exe3 exe4; do ./$i && echo ran $i; done
    ln -s /bin/true l; ./l && echo link'
like "... and for each new name" "$out" '^link$'
unlike "... there is none that runs" "$out" ran

# ---- bare, the same tricks do leak

if [ "$(id -u)" -ne 0 ]; then
	fresh
	n=$(./kernelbreak "$tree/a/mid/keys/key" "$WORK/box" \
	    "$tree/a/mid/keys/prog" | grep -c LEAK)
	[ "$n" -ge 20 ]
	ok "bare, the same tricks leak" "only $n do"
else
	skip "bare, the same tricks leak" "root could: chroot"
fi
