#!/bin/sh
# The main job: exit status, standard input and output, arguments, environment
# and attributes of the process are as if the command had been run bare.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

# ---- exit status

run -- true;				is "status 0" "$st" 0
run -- sh -c 'exit 3';			is "status 3" "$st" 3
run -- sh -c 'exit 255';		is "status 255" "$st" 255
run -- sh -c 'kill -TERM $$';		is "SIGTERM is 143" "$st" 143
is "a signal adds nothing to stderr" "$err" ""
run -- sh -c 'kill -KILL $$';		is "SIGKILL is 137" "$st" 137
run -- sh -c 'kill -SEGV $$';		is "SIGSEGV is 139" "$st" 139
run -- sh -c 'kill -HUP $$';		is "SIGHUP is 129" "$st" 129
run -- no-such-command;			is "not found is 127" "$st" 127
like "not found says so" "$err" "no-such-command: No such file"
run -- ./no/such;			is "no such path is 127" "$st" 127
echo data >plain
run -- ./plain;				is "no x bit is 126" "$st" 126
like "no x bit says so" "$err" "plain: Permission denied"
run -- /;				is "a directory is 126" "$st" 126
run -- "";				is "empty command is 127" "$st" 127
run -Z;					is "unknown option is 125" "$st" 125
run;					is "no command is 125" "$st" 125
is "no command is one line" "$(wc -l <"$T/err")" 1
run -h;					is "-h is 0" "$st" 0
like "-h prints the usage on stdout" "$out" "^usage: privsep-sandbox"
run -V;					is "-V is 0" "$st" 0
like "-V prints the version" "$out" "^privsep-sandbox [0-9]"

# ---- how a command is found

run ls "$HOME";				is "no -- needed" "$st" 0
run -- ls -d -- /;			is "-- of the command stays" "$out" "/"
printf 'echo script "$0" "$@"\n' >noheader; chmod +x noheader
run -- ./noheader a b
is "a script without header is sh's" "$out" "script ./noheader a b"
printf '#!/bin/sh -e\necho script "$0" "$@"\n' >header; chmod +x header
run -- ./header a
is "a script with header" "$out" "script ./header a"
printf '#!%s/header x\n' "$WORK" >nested; chmod +x nested
run -- ./nested y
is "a script whose interpreter is a script" "$out" \
    "script $WORK/header x ./nested y"
mkdir -p p1 p2; cp header p2/tool; echo >p1/tool
run -- env PATH="$WORK/p1:$WORK/p2:/bin" tool
like "PATH skips what is not executable" "$out" "^script"
PATH="$WORK/p1:$PATH" run -- tool
is "PATH with nothing executable is 126" "$st" 126

# ---- standard input and output

run -- sh -c 'echo out; echo err >&2'
is "stdout" "$out" "out"
is "stderr" "$err" "err"
is "stdin from a pipe" "$(seq 5 | sb -- cat | tr '\n' ' ')" "1 2 3 4 5 "
seq 1000 >seq
is "stdin from a file" "$(sb -- md5sum - <seq)" "$(md5sum - <seq)"
sb -- sh -c 'read a; echo $a; cat >/dev/null' <seq >out
is "a seekable stdin is shared" "$(cat out)" 1
is "50 MB through a pipe" "$(sb -- head -c 50000000 /dev/zero | wc -c)" \
    50000000
is "50 MB in and out" \
    "$(head -c 50000000 /dev/zero | sb -- cat | md5sum)" \
    "$(head -c 50000000 /dev/zero | md5sum)"
is "stdout to a file" "$(sb -- seq 3 >f; tr '\n' ' ' <f)" "1 2 3 "
sb -- sh -c 'echo x >&1' 2>/dev/null >&-; is "closed stdout" $? \
    "$(sh -c 'echo x >&1' 2>/dev/null >&-; echo $?)"
sb -- cat <&- 2>/dev/null; is "closed stdin" $? \
    "$(cat <&- 2>/dev/null; echo $?)"
{ sb -- yes; echo $? >"$T/st"; } | head -1 >/dev/null
is "SIGPIPE ends a writer" "$(cat "$T/st")" 141
exec 7</etc/passwd
run -- ls /proc/self/fd
is "no descriptor but stdio is inherited" "$(echo $out)" "0 1 2 3"
exec 7<&-

# ---- arguments

run -- printf '[%s]' a '' ' b ' "$(printf 'new\nline')" '*' '$x' -- -n
is "arguments with odd characters" "$out" "$(printf '[%s]' a '' ' b ' \
    "$(printf 'new\nline')" '*' '$x' -- -n)"
bytes=$(printf '\001\033\177\200\377\012x')
run -- printf %s "$bytes"
is "arguments with every kind of byte" "$(od -An -tx1 "$T/out")" \
    "$(printf %s "$bytes" | od -An -tx1)"
big=$(head -c 120000 /dev/zero | tr '\0' a)
run -- sh -c 'echo ${#1}' sh "$big"
is "one long argument" "$out" 120000
run -- sh -c 'echo $#' $(seq 20000)
is "many arguments" "$out" 19999

# ---- environment

FOO=bar GITHUB_TOKEN=t LD_PRELOAD= LD_LIBRARY_PATH=/x AWS_PROFILE=p \
    BASH_ENV=/x DATABASE_URL=a://u:p@h SSH_AUTH_SOCK=/x run -- env
like "an ordinary variable stays" "$out" "^FOO=bar$"
unlike "loader variables and secrets are removed" "$out" \
    "^(GITHUB_TOKEN|LD_|AWS_|BASH_ENV|DATABASE_URL|SSH_AUTH)"
GITHUB_TOKEN=t AWS_PROFILE=p run -k GITHUB_TOKEN -- env
like "-k keeps a variable" "$out" "^GITHUB_TOKEN=t$"
unlike "-k keeps no other" "$out" "^AWS_PROFILE"
run -- sh -c 'echo $TMPDIR; echo x >$TMPDIR/f && mkdir -p $TMPDIR/a/b/c &&
    mkfifo $TMPDIR/a/fifo && ln -s /etc $TMPDIR/a/etc && chmod 0 $TMPDIR/a/b &&
    cat $TMPDIR/f'
dir=$(echo "$out" | head -1)
is "TMPDIR can be written" "$(echo "$out" | tail -1)" x
like "TMPDIR is the run's own" "$dir" "/tmp/privsep-sandbox\.[A-Za-z0-9]+$"
test ! -e "$dir"; ok "TMPDIR is removed with all in it" "$(find "$dir" -ls)"
test -e /etc/passwd; ok "... and nothing that it linked to"
run -- sh -c 'case $TMPDIR in "$0"/*) echo below;; esac' "$TMPDIR"
is "... below the TMPDIR there was" "$out" below
(unset TMPDIR; sb -- sh -c 'echo $TMPDIR') >"$T/out"
like "... or /tmp" "$(cat "$T/out")" "^/tmp/privsep-sandbox\.[A-Za-z0-9]+$"

# ---- what else a process has

same "working directory" pwd
same "umask" sh -c 'umask'
(umask 027; same "another umask" sh -c 'umask; : >um; stat -c %a um; rm um')
(ulimit -n 100; same "limits" sh -c 'ulimit -a')
same "nice value" nice
same "ids" id
same "controlling terminal, session" sh -c 'ps -o tty= -p $$ || true'
(trap '' USR1; same "ignored signals" grep SigIgn /proc/self/status)
same "blocked and caught signals" grep -E 'SigBlk|SigCgt' /proc/self/status
run -- grep -E '^(CapEff|CapPrm|CapInh|CapAmb|CapBnd):' /proc/self/status
caps=$(echo "$out" | awk '!/CapBnd/ { print $2 }' | sort -u)
is "no capabilities" "$caps" 0000000000000000
run -- grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status
is "no_new_privs and a filter" "$(echo $out)" "NoNewPrivs: 1 Seccomp: 2"

for n in $(seq 5 24) 50; do
	sh -c 'ulimit -n $1; exec timeout 20 "$2" -- sh -c "exit 7"' \
	    sh "$n" "$PRIVSEP" 2>"$T/err" </dev/null
	echo "$? $(wc -l <"$T/err")"
done >"$T/few"
unlike "too few descriptors: it runs, or ends with 125 and a reason" \
    "$(cat "$T/few")" "^([^17]|1[^2]|7 [^0]|125 0)"
like "... enough are not many" "$(tail -1 "$T/few")" "^7 0$"

# ---- the end

start=$(date +%s)
run -- sh -c 'sleep 100 & setsid sleep 100 & echo $!; (sleep 100 &) ; exit 5'
is "what is left behind does not delay the end" \
    "$([ $(($(date +%s) - start)) -lt 5 ] && echo quick)" quick
is "the status is the command's" "$st" 5
! kill -0 "$(echo "$out" | head -1)" 2>/dev/null
ok "what is left behind is killed"
run -- sh -c 'cd work 2>/dev/null; mkdir gone; cd gone; rmdir ../gone; pwd -P'
mkdir -p gone; (cd gone && rmdir ../gone && sb -- true 2>"$T/err"
    echo $? >"$T/st")
is "a vanished working directory is 125" "$(cat "$T/st")" 125
like "a vanished working directory is named" "$(cat "$T/err")" \
    "working directory"
is "nothing is left in the temporary directory" "$(leftovers)" ""
