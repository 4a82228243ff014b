#!/bin/sh
# The command is the foreground job of its terminal as if run bare: ^C, ^Z,
# fg, background, pipelines, an interactive shell; and no terminal at all.
PASSES=together
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
if ! have tmux; then
	skip "the terminal" "no tmux"
	exit 0
fi

TMUX_TMPDIR=$T; export TMUX_TMPDIR
server=0
tm() { timeout 10 tmux -f /dev/null -S "$T/tmux.$server" "$@"; }
trap 'tm kill-server 2>/dev/null' EXIT
pane() { tm capture-pane -p -t "${1:-0}" -S - | sed 's/ *$//'; }
keys() { tm send-keys -t 0 "$@"; }
line() { keys -l -- "$1"; keys Enter; }
has() { pane | grep -q -E -e "$1"; }
see() {	# NAME ERE: appears within 5 s
	wait_for 50 has "$2"
	ok "$1" "$(pane | grep -v "^$" | tail -8)"
}
clear_() { keys C-l; sleep 0.2; tm clear-history -t 0; }

mkshell() {	# start an interactive shell, bare or inside
	tm kill-server 2>/dev/null
	server=$((server + 1))	# the old one may still be ending
	tm new-session -d -x 100 -y 30 -c "$WORK" "$@"
	sleep 0.5
}

# ---- from an interactive shell outside

mkshell "env PS1='OUT:\$? > ' bash --norc -i"
line "stty -echo"
PS=$PRIVSEP
line "$PS -- sh -c 'echo st\"\"arted; sleep 1000'"
see "a command starts" "^started"
keys C-c
see "^C ends it: 130" "^(\^C)?OUT:130 >"
line "$PS -- sh -c 'trap \"echo cau\"\"ght\" INT; echo re\"\"ady; sleep 1000; exit 9'"
see "a handler of ^C is installed" "^ready"
keys C-c
see "^C reaches the handler" "caught"
see "... and its status comes out" "OUT:9 >"
clear_
line "$PS -- sh -c 'echo go\"\"ing; sleep 1.5; echo fin\"\"ished; exit 4'"
see "a job to stop" "^going"
keys C-z
see "^Z stops it" "Stopped"
# 148 is SIGTSTP, as bare; 147 is SIGSTOP, which the monitor uses (CAVEATS)
see "... and the shell has the terminal" "OUT:14[78] >"
sleep 2
! has "^finished"
ok "a stopped job does not go on"
line fg
see "fg continues it" "^finished"
see "... and its status comes out" "OUT:4 >"
clear_
line "$PS -- sh -c 'echo b\"\"g1; sleep 1; echo b\"\"g2' &"
see "a background job runs" "^bg2"
line "wait; echo wait\"\"ed:\$?"
see "... and ends" "waited:0"
clear_
line "$PS -- cat &"
see "a background job that reads the terminal is stopped" "\[[0-9]+\]"
line ""; sleep 0.5; line "jobs"
see "... as the shell sees" "Stopped"
line "fg"
sleep 0.3; line "hel""lo"
see "... and reads it after fg" "^hello"
keys C-d
see "^D ends its input" "OUT:0 >"
clear_
line "$PS -- cat /etc/passwd | $PS -- wc -l | $PS -- sed 's/^/lines:/'"
see "a pipeline of three" "lines:$(wc -l </etc/passwd)"
clear_
line "$PS -- sh -c 'echo pi\"\"pe; sleep 1000' | $PS -- cat"
see "a pipeline runs" "^pipe"
keys C-z
see "^Z stops a pipeline" "Stopped"
line fg
sleep 0.3
keys C-c
see "^C ends a pipeline" "OUT:130 >"
clear_
line "$PS -- sh -c 'kill -STOP \$\$; echo bac\"\"k'"
see "a command that stops itself" "Stopped"
line fg
see "... is continued by fg" "^back"
clear_
line "$PS -- stty size"
see "the terminal's size" "^30 100"
line "$PS -- tty"
see "the terminal's name" "^/dev/pts/[0-9]+"
line "$PS -- sh -c 'tr -d x </dev/tty'"
sleep 0.3; line "axbx"
see "/dev/tty can be opened" "^ab"
keys C-d
clear_
line "$PS -- sh -c 'echo q\"\"uit; sleep 1000'"
see "one more job" "^quit"
keys 'C-\'
see "^\\ ends it" "OUT:131 >"
line "stty -a | grep -q icanon; echo sa\"\"ne:\$?"
see "the terminal's settings are as they were" "sane:0"
clear_
line "$PS -- sh -c 'trap \"echo re\"\"sized\" WINCH; echo w\"\"in; while :; do sleep 0.1; done'"
see "a handler of SIGWINCH is installed" "^win"
tm resize-window -t 0 -x 90 -y 28
see "SIGWINCH reaches the command" "^resized"
keys C-c

# ---- an interactive shell inside

mkshell "env PS1='IN:\$? > ' $PS -- bash --norc -i"
line "stty -echo"
line "sleep 1000"
sleep 0.3; keys C-z
see "^Z in a shell inside" "Stopped"
line "bg; jobs"
see "... bg" "Running"
line "fg"; sleep 0.3; keys C-c
see "... fg and ^C" "IN:130 >"
line "ls /usr | wc -l; (exit 6)"
see "... pipelines and statuses" "IN:6 >"
line "cat ~/.ssh/x; echo st:\$?"
see "... denials" "st:1"
unlike "the shell has job control" "$(pane)" "no job control"
line "exit 7"
over() { ! tm has-session; }
wait_for 50 over
ok "... and it ends"

# ---- signals to the monitor, no terminal

setsid sh -c "exec $PS -- sh -c 'trap \"echo term; exit 8\" TERM
    echo up; while :; do sleep 0.1; done'" >"$T/o" 2>"$T/e" &
job=$!
wait_for 50 grep -q up "$T/o"
kill -TERM $job
wait_for 50 grep -q term "$T/o"
ok "SIGTERM to the monitor reaches the command" "$(cat "$T/o" "$T/e")"
wait
same "no controlling terminal" setsid sh -c 'tty; echo x >/dev/tty' 2>/dev/null
is "no terminal at all" "$(setsid "$PS" -- echo fine </dev/null 2>&1)" fine
is "script(1) around it" "$(script -qec "$PS -- sh -c 'tty >/dev/null; echo \$?'" \
    /dev/null </dev/null | tr -d '\r')" 0
if have script; then
	is "script(1) inside" "$(sb -- script -qec 'tty; echo in' /dev/null \
	    </dev/null | tr -d '\r' | sed 's,[0-9]*$,,' | tr '\n' ' ')" \
	    "/dev/pts/ in "
fi
