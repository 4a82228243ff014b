#!/bin/sh
# The main job on something real: build a C program from source inside the
# sandbox, run it, and show what an untrusted build step is denied.
# usage: quickstart.sh ./privsep-sandbox
bin=$(readlink -f "$1")
dir=$(mktemp -d "${TMPDIR:-/tmp}/quickstart.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir" || exit 1

cat >hello.c <<'EOF'
#include <stdio.h>

int
main(void)
{
	puts("hello from inside");
	return (0);
}
EOF
# What a build script that should not be trusted might try.
cat >Makefile <<'EOF'
all: hello
	./hello
	-@cat /etc/shadow
	-@touch /etc/owned
	-@python3 -c 'import socket; socket.socket().connect(("192.0.2.1", 80))' \
	    2>&1 | tail -n 1
EOF

echo '$ privsep-sandbox -w -- make'
"$bin" -w -- make
status=$?
echo "exit status $status"
echo
echo 'The processes, while it runs:'
"$bin" -- sleep 1 &
sleep 0.3
ps -eo user,pid,args | grep '[p]rivsep-sandbox: '
wait
[ "$status" -eq 0 ] && [ -x hello ]
