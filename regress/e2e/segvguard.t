#!/bin/sh
# What crashes too often is not executed for a while: whoever reaps it, and
# whatever its names are; and nothing else is refused.
PASSES=together
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
LIMIT=120
ulimit -c 0

cp "$HOME/bin/crasher" c && cp c other && chmod 755 c other
cat >lib.sh <<'SH'
exec 2>/dev/null
# st COMMAND ...: its status, in words
st() {
	"$@" >/dev/null
	printf '%d ' $?
}
SH
# guarded RULE SCRIPT: in $out what the script's st said
guarded() {
	g_rule=$1
	shift
	run -r "$g_rule" -- sh -c ". ./lib.sh; $1"
}
G='segvguard crashes 3 window 3600 suspend 3600'

run -n -r "$G"
if echo "$err" | grep -q PIDFD_INFO_EXIT; then
	skip "all of it" "this kernel is older than Linux 6.15"
	exit 0
fi

# ---- how often

guarded "$G" 'for i in 1 2 3 4 5; do st ./c; done; st ./other exit 7'
is "three crashes, and it is not executed again; others are" \
    "$out" "139 139 139 126 126 7 "
like "the line says how often, until when, who says so, how to allow it" \
    "$err" "denied: pid [0-9]+ \(sh\) execve exec \"$WORK/c\" by -r:1: executable has crashed 3 times within 3600 seconds, last by SIGSEGV [0-9]+ seconds ago: suspended for another 3[0-9]+ seconds; to allow: segvguard \"$WORK/c\" no$"
is "... once for each" "$(grep -c 'has crashed' "$T/err")" 2
cure=$(sed -n 's/.*; to allow: //p' "$T/err" | head -1)
run -r "$G" -r "$cure" -- sh -c '. ./lib.sh; for i in 1 2 3 4; do st ./c; done'
is "... and the statement it gives allows it" "$out" "139 139 139 139 "
run -l "$T/json" -j -r "$G" -- sh -c '. ./lib.sh; for i in 1 2 3 4; do st ./c; done'
like "... in JSON too" "$(cat "$T/json")" '"check":"executable has crashed 3 times .*"allow":"segvguard'
guarded 'segvguard no' 'for i in 1 2 3 4 5; do st ./c; done'
is "no: no limit" "$out" "139 139 139 139 139 "
run -- sh -c '. ./lib.sh; for i in 1 2 3 4 5 6 7 8; do st ./c; done'
is "nor by default" "$out" "139 139 139 139 139 139 139 139 "
guarded "$G" 'st ./c; st ./c; for i in 1 2 3 4; do st ./c exit 1; done; st ./c; st ./c'
is "other ends are no crashes, nor do they undo one" \
    "$out" "139 139 1 1 1 1 139 126 "
guarded 'segvguard crashes 2 window 1 suspend 3600' \
    'st ./c; sleep 2.5; st ./c; sleep 2.5; st ./c; st ./c; st ./c'
is "crashes further apart than the window do not add up" \
    "$out" "139 139 139 139 126 "
guarded 'segvguard crashes 2 window 1 suspend 4' \
    'st ./c; st ./c; st ./c; sleep 4.5; st ./c; st ./c; st ./c'
is "the suspension ends" "$out" "139 139 126 139 139 126 "
for s in SEGV:11 BUS:7 ILL:4 FPE:8 TRAP:5 ABRT:6 SYS:31; do
	guarded 'segvguard crashes 1' "st ./c signal ${s#*:}; st ./c exit 0"
	is "SIG${s%:*} is a crash" "$out" "$((128 + ${s#*:})) 126 "
done
for s in KILL:9 TERM:15 QUIT:3 PIPE:13 XCPU:24; do
	guarded 'segvguard crashes 1' "st ./c signal ${s#*:}; st ./c exit 0"
	is "SIG${s%:*} is none" "$out" "$((128 + ${s#*:})) 0 "
done

# ---- which

guarded "segvguard \"$WORK/c\" crashes 1" \
    'st ./c; st ./c; st ./other; st ./other; st ./other'
is "one executable" "$out" "139 126 139 139 139 "
run -r "$G" -r "segvguard under \"$WORK\" crashes 2" \
    -r "segvguard glob \"$WORK/oth*\" no" -- sh -c '. ./lib.sh
    for i in 1 2 3; do st ./c; done; for i in 1 2 3 4; do st ./other; done'
is "the last statement that matches decides" \
    "$out" "139 139 126 139 139 139 139 "
guarded "$G" 'ln c two; ln -s c three; st ./c; st ./two; st ./three; st ./c
    st ./two; st ./three; cp c four; st ./four exit 5; rm two three four'
is "a hard link and a symbolic link are the same file, a copy is not" \
    "$out" "139 139 139 126 126 126 5 "
guarded 'segvguard crashes 1' 'st ./c; st ./c; mv c old; st ./old; cp old c
    st ./c; rm -f c; mv old c; st ./c'
is "... by whatever name it is moved to; a new file is new" \
    "$out" "139 126 126 139 126 "
cp "$HOME/bin/crasher" c
run -r "segvguard \"$WORK/two\" crashes 1" -- sh -c '. ./lib.sh
    ln c two; st ./c; st ./c exit 0; st ./two exit 0; rm two'
is "the limit is that of the name, the crashes are the file's" "$out" "139 0 126 "
printf '#!%s segv\n' "$WORK/c" >script && chmod 755 script
guarded 'segvguard crashes 1' 'st ./script; st ./script; st ./c exit 0'
is "a script's interpreter crashes" "$out" "139 126 126 "

# ---- who sees it

for m in fork deep orphan thread "threadexec segv" "spawn ./c"; do
	set -- $m
	e='139 126 '
	[ "$1" = orphan ] && e='0 126 '
	guarded 'segvguard crashes 1' "st ./c $m; st ./c exit 0"
	is "$m: counted" "$out" "$e"
done
guarded 'segvguard crashes 1' 'st ./other spawn ./c; st ./c exit 0; st ./other exit 0'
is "what is spawned counts for itself, not for who spawned it" "$out" "139 126 0 "
guarded 'segvguard crashes 1' 'st ./other threadexec segv; st ./c exit 0; st ./other exit 0'
is "a thread that is not the first executes" "$out" "139 0 126 "
guarded "$G" '(./c & ./c & ./c & wait); st ./c exit 0'
is "three at once" "$out" "126 "

# ---- who decides

rm -f ready go
guarded 'segvguard crashes 1' './c wait exit 0 & p=$!
    while [ ! -e ready ]; do sleep 0.05; done; st ./c; st ./c exit 0
    : >go; wait $p; printf "%d " $?'
is "what the policy worker does not look at, the integrity worker refuses" \
    "$out" "139 126 137 "
like "... and says so" "$err" 'exec exec "[^"]*/c" by -r:1: executable has crashed 1 times'
rm -f ready go
printf 'abort writefile "%s/no"\n' "$WORK" >abort.conf
run -p default -f abort.conf -r 'segvguard crashes 1' -- sh -c '. ./lib.sh
    cp /bin/sh s; st ./s -c ": >no"; st ./s -c "exit 4"; rm s'
is "an abort by a rule is no crash" "$out" "134 4 "
printf 'kill writefile "%s/no"\n' "$WORK" >abort.conf
run -p default -f abort.conf -r 'segvguard crashes 1' -- sh -c '. ./lib.sh
    cp /bin/sh s; st ./s -c ": >no"; st ./s -c "exit 4"; rm s'
is "nor is a kill" "$out" "137 4 "
run -r 'segvguard crashes 1' -- ./c
is "the command itself crashes: its status" "$st" 139

# ---- many

# fds: of the receiver of the sandbox that runs; root may look
fds() {
	for p in $(pgrep -P "$1"); do
		case $(tr '\0' ' ' <"/proc/$p/cmdline") in
		*receiver*)	ls "/proc/$p/fd" | wc -l ;;
		esac
	done
}
rm -f go many.out
n=10000
timeout -k 5 "$LIMIT" "$PRIVSEP" -r "$G" -- sh -c \
    './c many '$n'; ./c exit 0; echo $?' >many.out 2>/dev/null &
sandbox=$!
wait_for 1100 grep -q crashed many.out
is "$n children crash" "$(cat many.out)" "crashed $n"
if [ "$(id -u)" -eq 0 ]; then
	few() { [ "$(fds "$(pgrep -P $sandbox)")" -lt 256 ]; }
	wait_for 50 few		# the last of them were alive a moment ago
	ok "... and the receiver keeps at most a batch of them" \
	    "$(fds "$(pgrep -P $sandbox)")"
fi
: >go
wait $sandbox
is "... and are counted" "$?:$(tail -1 many.out)" "0:126"
guarded 'segvguard crashes 32' 'for f in a b d e f; do cp c $f; i=0
    while ./$f; s=$?; [ $s -eq 139 ]; do i=$((i + 1)); done
    printf "%d:%d " $i $s; rm $f; done'
is "whoever has waited for a crash finds it counted" "$out" \
    "32:126 32:126 32:126 32:126 32:126 "
rm -f go
guarded "$G" 'st ./c swarm 300; st ./c exit 0; st true'
is "300 at once, dead before any is reaped" "$out" "0 126 0 "
guarded 'segvguard crashes 1' 'i=0; while [ $i -lt 60 ]; do cp c x$i; st ./x$i >/dev/null
    i=$((i + 1)); done; i=0; while [ $i -lt 60 ]; do st ./x$i exit 0; i=$((i + 1)); done
    rm x*'
is "60 files, each by itself" "$(echo $out | tr ' ' '\n' | sort | uniq -c |
    tr -s ' ' | tr '\n' ';')" " 60 126;"

# with 300 descriptors 44 processes can be watched
cat >full.sh <<'SH'
. ./lib.sh
i=0
pids=
while [ $i -lt 60 ]; do ./c hold & pids="$pids $!"; i=$((i + 1)); done
i=0
while [ $i -lt 44 ] && ! ./c exit 0; do i=$((i + 1)); done
: >go
for p in $pids; do wait $p; echo $?; done >ends
st ./c; st ./c; st ./c; st ./c
SH
rm -f go
( ulimit -S -n 256; ulimit -H -n 300; exec timeout -k 5 "$LIMIT" "$PRIVSEP" \
    -r "$G" -- bash full.sh ) >"$T/out" 2>"$T/err"
is "more processes than can be watched: what they execute is killed" \
    "$(sort -u ends | tr '\n' ' ')" "0 137 "
n=$(grep -c '^0' ends)
# lanes, of which a busy machine wants many, take descriptors as well
[ "$n" -gt 4 ] && [ "$n" -le 44 ]
ok "... and no others" "$n"
is "... and when they have ended it is as ever" "$(cat "$T/out")" \
    "139 139 139 126 "
like "... the log says so" "$(cat "$T/err")" "more processes than segvguard can watch: killed"
rm -f go
( ulimit -S -n 64; ulimit -H -n 200; exec timeout -k 5 "$LIMIT" "$PRIVSEP" \
    -r "$G" -- true ) 2>"$T/err"
is "too few descriptors for any: refused" \
    "$?:$(grep -c 'segvguard needs a limit of 288' "$T/err")" 125:1

# ---- the statement

run -n -r "$G" -r 'segvguard under /opt crashes 2 suspend 5' \
    -r "segvguard { \"$WORK/a b\" } no" -r 'segvguard glob "/x/{a,b}*" crashes 1'
printf '%s\n' "$out" >plan
is "-n prints it" "$(grep -o '^segvguard[^#]*[^#	]' plan)" \
"segvguard crashes 3 window 3600 suspend 3600
segvguard under \"/opt\" crashes 2 window 120 suspend 5
segvguard \"$WORK/a b\" no
segvguard glob \"/x/{a,b}*\" crashes 1 window 120 suspend 600"
grep '^segvguard' plan >again.conf
run -n -p default -f again.conf
is "... as it can be read again" "$(printf '%s\n' "$out" | sed -n \
    's/^\(segvguard[^#]*\)	#.*/\1/p')" "$(sed 's/	#.*//' again.conf)"
run -n -v -r "$G"
like "-n -v: the call that it adds" "$out" "^#	set_robust_list\(273\)	"
run -n -v -r 'segvguard no'
unlike "... unless there is no limit" "$out" "^#	set_robust_list\(273\)	"
run -n -j -r "$G"
like "-n -j" "$out" '"statement":"segvguard crashes 3 window 3600 suspend 3600"'
for r in 'segvguard' 'segvguard crashes' 'segvguard crashes 0' \
    'segvguard crashes 33' 'segvguard window 5' 'segvguard yes' \
    'segvguard crashes 3 no' 'segvguard "rel" no' 'segvguard crashes 3 window x'; do
	run -n -r "$r"
	is "refused: $r" "$st" 125
	like "... with what would work" "$err" "for example: "
done
"$HOME/bin/without" pidfd:ENOTTY "$PRIVSEP" -r "$G" -- true 2>"$T/err"
is "without the kernel's help: refused" "$?:$(grep -c 'segvguard needs Linux 6.15' "$T/err")" 125:1
"$HOME/bin/without" pidfd:ENOTTY "$PRIVSEP" -r "$G" -r 'set degrade yes' -- sh -c \
    '. ./lib.sh; for i in 1 2 3 4; do ./c; done; st true' >"$T/out" 2>"$T/err"
is "... with set degrade yes it runs, after a warning" \
    "$?:$(cat "$T/out"):$(grep -c 'warning: segvguard needs' "$T/err")" "0:0 :1"
