#!/bin/sh
# Calls that block do not stop others, and can be interrupted.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
LIMIT=20

cp "$HOME/bin/blocker" .
mkfifo fifo
run -- ./blocker other-thread fifo
is "a blocked open does not stop another thread's" "$st:$out" "0:ok"
run -- ./blocker other-process fifo
is "a blocked open does not stop another process's" "$st:$out" "0:ok"
for n in 1 8 60; do
	run -- ./blocker many fifo $n
	is "$n blocked opens do not stop others" "$st:$out" "0:ok"
done
run -- ./blocker pair fifo
is "reader and writer of a FIFO find each other" "$st:$out" "0:ok"
run -- ./blocker eintr fifo
is "a handler without SA_RESTART: EINTR" "$st:$out" "0:ok"
run -- ./blocker restart fifo
is "a handler with SA_RESTART: the open goes on" "$st:$out" "0:ok"
run -- ./blocker alarm fifo
is "SIGALRM kills a blocked open" "$st" 142
run -- ./blocker kill fifo
is "SIGKILL ends a blocked open at once" "$st:$out" "0:ok"
run -- ./blocker ignored fifo
is "an ignored signal does not interrupt" "$st:$out" "0:ok"
run -- ./blocker stop fifo
is "stop and continue do not interrupt" "$st:$out" "0:ok"
run -- ./blocker storm fifo
is "a storm of signals never shows errno 512" "$st:$out" "0:ok"
run -- ./blocker cancel fifo
is "a thread in a blocked open can be cancelled" "$st:$out" "0:ok"
run -- sh -c 'mkfifo f2; (sleep 0.3; echo data >f2) & cat f2; rm f2'
is "a shell's FIFO" "$out" data
is "nonblocking open of a FIFO" \
    "$(sb -- ./blocker nonblock fifo)" ok
same "process substitution through FIFOs" sh -c 'mkfifo x y; seq 9 >x &
    seq 3 9 >y & comm -12 x y; rm x y'
if have bash; then
	same "bash process substitution" bash -c \
	    'diff <(seq 5) <(seq 6); cat <(echo a) <(echo b)'
fi
start=$(date +%s%N)
run -- timeout 1 sh -c ': <fifo'
is "timeout(1) ends a blocked open" "$st" 124
