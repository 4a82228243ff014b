#!/bin/sh
# What an attacker got through with once, or ended or hung the sandbox by.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
LIMIT=15

mkdir -m 700 "$HOME/.ssh" "$T/tmp" "$T/other"
secret=SECRET-$$-$(date +%N)
key=$HOME/.ssh/id
echo "$secret" >"$key"
echo public >public
mkdir open
cp "$HOME/bin/attacker" .

# ---- flags and paths that change during the call

run -l "$T/log" -- ./attacker how "$WORK/public" "$key" 1200
is "flags in memory that change never open a denied file" \
    "$st:$(echo "$out" | tail -1)" "0:held "
like "openat2 with O_PATH: not implemented" "$out" "^openat2 O_PATH ENOSYS$"
like "... without it works" "$out" "^openat2 O_RDONLY ok$"
for what in "public $key" "open ${key%/*}"; do
	run -l "$T/log" -r 'deny readdir under "$HOME/.ssh"' -- \
	    ./attacker path "$WORK/${what% *}" "${what#* }" 500
	is "O_PATH with a path that changes is good for nothing (${what% *})" \
	    "$st:$(echo "$out" | tail -1)" "0:held "
	echo "# $out" | head -1
done
for how in how path; do
	run -- ./attacker $how "$WORK/public" "$key" 500
	is "the same, held by the kernel alone ($how)" \
	    "$st:$(echo "$out" | tail -1)" "0:held "
done
is "the denied file is as it was" "$(cat "$key")" "$secret"

# ---- terminals

"$HOME/bin/attacker" pty >"$T/pty" &
pty=$!
wait_for 30 grep -q pts "$T/pty"
run -- ./attacker tty "$(cat "$T/pty")"
is "another terminal of the same user cannot be opened by name" "$(echo $out)" \
    "read EACCES write EACCES both EACCES again EACCES"
kill $pty
wait $pty 2>/dev/null
if have script; then
	out=$(script -qec "$PRIVSEP -- sh -c './attacker tty \$(tty)
	    ./attacker tty /dev/tty'" /dev/null </dev/null | tr -d '\r')
	is "one's own can" "$(echo $out)" \
	    "$(for i in 1 2; do echo read ok write ok both ok again ok; done |
	    tr '\n' ' ' | sed 's/ $//')"
	run -w -- script -qec 'tty; ./attacker tty $(tty)' /dev/null
	like "and one that was made inside" "$(echo $out | tr -d '\r')" \
	    "^/dev/pts/[0-9]+ read ok write ok both ok "
else
	skip "one's own terminal, one made inside" "no script"
fi

for d in /dev /dev/pts /dev/pts/ptmx /dev/shm /dev/null; do
	run -- chmod "$(stat -c %a $d)" $d
	# chmod's own line may come first
	like "$d keeps its mode" "$st:$(echo $err)" "^1:.*denied: .* chmod \"$d\""
done

# ---- Landlock within, core files

run -- ./attacker landlock
is "a nested Landlock domain is refused, not given in vain" "$(echo $out)" \
    "version EOPNOTSUPP ruleset EOPNOTSUPP"
mkdir "$HOME/cores"
(ulimit -c unlimited
run -- ./attacker core "$HOME/cores"
echo "$st $out" >"$T/core") 2>/dev/null
is "core files are off" "$(tr '\n' ' ' <"$T/core")" \
    "134 limit 0 raise EPERM create EACCES "
is "... and none is written" "$(ls "$HOME/cores"; ls core* 2>/dev/null)" ""

# ---- the home directory of passwd(5)

pwhome=$(getent passwd "$(id -u)" | cut -d: -f6)
if [ -n "$pwhome" ] && [ "$pwhome" != / ]; then
	like "HOME elsewhere: passwd's secrets are denied too" \
	    "$(HOME=$T/other sb -n | grep ssh)" "^deny [a-z, ]+ under \"$pwhome/\.ssh\""
	like "... and those of HOME" "$(HOME=$T/other sb -n | grep ssh)" \
	    "^deny [a-z, ]+ under \"$T/other/\.ssh\""
	for h in "env -u HOME" "env HOME=" "env HOME=/"; do
		like "$h: passwd's home directory is the one" \
		    "$($h timeout 10 "$PRIVSEP" -n | grep ssh)" \
		    "^deny [a-z, ]+ under \"$pwhome/\.ssh\""
	done
else
	skip "HOME and passwd(5)" "uid $(id -u) has no home directory there"
fi
if unshare -m mount -t tmpfs none "$pwhome" 2>/dev/null; then
	unshare -m sh -c 'mount -t tmpfs none "$1" && mkdir "$1/.ssh" &&
	    cd "$1" && echo "$2" >.ssh/id && echo public >file || exit 2
	    HOME=$3 "$PRIVSEP" -l "$3/log" -- cat .ssh/id file .ssh/../.ssh/id
	    echo x 2>/dev/null >.ssh/y; HOME=$3 "$PRIVSEP" -l "$3/log" -- \
	    sh -c "echo >new; echo >.ssh/y; ls"' \
	    sh "$pwhome" "$secret" "$T/other" >"$T/out" 2>/dev/null
	is "a secret there is denied in a run, the rest is to look at" \
	    "$(tr '\n' ' ' <"$T/out")" "public file "
	like "... by its rule" "$(cat "$T/other/log")" \
	    "denied: .* \"$pwhome/\.ssh/id\" by secrets:[0-9]+ deny [a-z, ]+ under"
else
	skip "a run in the home directory of passwd(5)" "cannot mount one"
fi

# ---- what a sandbox may run out of

if [ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -gt 2500 ]; then
	run -w -- ./attacker inflight 1500
	is "1,500 descriptors in flight below the hard limit: nothing fails" \
	    "$st:$(echo $out)" \
	    "0:absolute ok relative ok chmod ok afterwards ok"
	out=$(ulimit -n 1500; sb -w -- ./attacker inflight 1750 2>"$T/err"; echo $?)
	is "... more than the receiver may send, too" "$(echo $out)" \
	    "absolute ENFILE relative ENFILE chmod ENFILE afterwards ok 0"
else
	skip "descriptors in flight" "ulimit -Hn is $(ulimit -Hn)"
fi
if have bash; then
	for sig in 19 20; do
		out=$(bash -mc 'timeout -k 1 8 sh -c "$0 -- ./attacker stop '$sig'
		    echo status \$?"; echo $?' "$PRIVSEP" 2>/dev/null)
		is "stopped by signal $sig, continued from inside: it ends" \
		    "$(echo $out)" "status 7 0"
	done
else
	skip "a command that is continued from inside" "no bash"
fi
if [ "$(id -u)" -ne 0 ] && have prlimit; then
	mkfifo fifo
	n=$(($(ps -L -u "$(id -u)" -o lwp= | wc -l) + 45))
	out=$(prlimit --nproc=$n timeout -k 1 $LIMIT "$PRIVSEP" -- \
	    ./attacker fifos fifo 24 2>"$T/err"; echo $?)
	is "no process to be had for a blocked open: it goes on" \
	    "$(echo $out)" "made enough open ok 0"
	sed 's/^/# /' "$T/err" | head -3
else
	skip "no process to be had" "root has no such limit, or no prlimit"
fi
cp /bin/true unreadable
chmod 0111 unreadable
run -- ./attacker execs 500 ./unreadable
is "a program that cannot be read does not run" "$st:$out" "0:ran 0 of 500"
n=$(echo "$err" | grep -c privsep-sandbox:)
[ "$n" -ge 1 ] && [ "$n" -le 25 ]
ok "... and 500 times of it are few lines" "$n lines" "$err"
for n in 40 28 27 26 25 24 20 15 10 5; do
	out=$(sh -c 'ulimit -n $1; exec timeout 10 "$2" -- sh -c \
	    "cat /etc/hostname >/dev/null && echo fine"' sh $n "$PRIVSEP" 2>&1
	    echo $?)
	like "ulimit -n $n: it works, or says why" "$(echo $out)" \
	    "^((privsep-sandbox: monitor: lane: Too many open files )?fine 0|(privsep-sandbox|error): .*: Too many open files.* 125)$"
done
i=0
while [ $i -lt 20 ]; do
	TMPDIR=$T/tmp "$PRIVSEP" -- sleep 5 2>/dev/null &
	job=$!
	sleep 0.00$i 2>/dev/null || sleep 0.01
	kill -TERM $job
	wait $job
	i=$((i + 1))
done 2>/dev/null
is "SIGTERM at any moment of the start leaves no directory" \
    "$(ls -A "$T/tmp")" ""

# ---- the roles

# signals to the receiver, and stops, while it installs descriptors
storm() {	# SIGNALS
	"$PRIVSEP" -w -- ./attacker opens 20000 >"$T/opens" 2>/dev/null &
	job=$!
	wait_for 50 pgrep -P $job -f 'receiver$'
	rec=$(pgrep -P $job -f 'receiver$')
	while kill -0 $job 2>/dev/null; do
		for sig in $1; do
			kill -$sig $rec
		done
	done 2>/dev/null
	wait $job
	echo "$? $(cat "$T/opens")"
}
is "no signal to the receiver turns a descriptor into another" \
    "$(storm USR1)" "0 0 wrong"
like "... no stop either: right, or ended" "$(storm "STOP CONT")" \
    "^(0 0 wrong|137 )$"

run -w -- ./attacker peek
is "watched, nothing of the roles can be opened in /proc" "$st:$out" "0:roles seen"

# Descriptors of each process of the sandbox $job; whichever lane is left.
counts() {
	for p in $job $(pgrep -P $job) \
	    $(pgrep -P "$(pgrep -P $job -f ': policy$')"); do
		echo "$(tr -d '\0' <"/proc/$p/cmdline" | tr -s ' ')" \
		    "$(ls "/proc/$p/fd" | wc -l)"
	done | sed 's/lane [0-9]*/lane/' | sort
}
settled() { counts >"$T/after"; cmp -s "$T/before" "$T/after"; }
if [ "$(id -u)" -eq 0 ]; then
	"$PRIVSEP" -l "$T/log" -- ./attacker mixed "$key" 20000 &
	job=$!
	wait_for 50 test -e warm
	# a lane that was added meanwhile retires
	one_lane() { [ "$(counts | grep -c lane)" -eq 1 ]; }
	wait_for 200 one_lane
	counts >"$T/before"
	touch go
	wait_for 100 test -e gone
	# a lane that was added under load retires
	wait_for 200 settled
	settled
	ok "20,000 calls cost no role a descriptor" \
	    "$(diff "$T/before" "$T/after")"
	[ "$(wc -l <"$T/before")" -ge 5 ]
	ok "... of five that were counted" "$(cat "$T/before")"
	touch end
	wait $job
else
	skip "20,000 calls cost no role a descriptor" "roles show root only"
fi
