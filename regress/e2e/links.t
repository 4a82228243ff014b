#!/bin/sh
# The link proves the separation: what a worker's object refers to cannot
# reach the child, and no role refers to a function of another's.
PASSES=once
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
if ! ls "$SRC/obj"/role-*.o >/dev/null 2>&1; then
	skip "links" "no role objects"
	exit 0
fi
cd "$SRC/obj" || exit 1

undefined() { nm -u "role-$1.o" | awk '{ print $NF }' | sort -u; }
defined() { nm --defined-only "$1" | awk '$2 ~ /^[TDBRVW]$/ { print $3 }' |
    sort -u; }

forbidden='ptrace|process_vm_readv|process_vm_writev|pidfd_open|pidfd_getfd|pidfd_send_signal|kill|tgkill|killpg|raise|sigqueue|pthread_kill|pthread_sigqueue|process_madvise'
for role in policy integrity learn; do
	is "$role: cannot touch a process" \
	    "$(undefined $role | grep -x -E "$forbidden")" ""
	is "$role: no exec, no socket of its own, no library loading" \
	    "$(undefined $role | grep -x -E \
	    'exec[a-z]*|f?execve(at)?|posix_spawn.*|system|popen|socket|socketpair|dlopen|dlsym')" ""
done
# policy does these with the command's sockets, where rules ask for it
for role in integrity learn; do
	is "$role: nothing is done with sockets" "$(undefined $role | grep -x \
	    -E 'connect|bind|listen|accept4?|sendto|getsockname')" ""
done
# policy has one, TIOCGPTPEER; its filter knows no other (regress/confine)
is "integrity: no ioctl" "$(undefined integrity | grep -x ioctl)" ""
for role in integrity learn; do
	is "$role: opens nothing when it works, forks nothing" \
	    "$(undefined $role | grep -x -E \
	    'fork|vfork|clone|pthread_create|fopen(64)?|openat(64)?|opendir|openat2')" ""
done
is "learn: opens nothing at all" \
    "$(undefined learn | grep -x -E '(__)?open(64)?(_2)?|mkdtemp|chroot')" ""
is "receiver: no directory changes, no sockets" \
    "$(undefined receiver | grep -x -E \
    'socket|connect|bind|unlink|rename|mkdir|link|symlink|chmod|chown')" ""
is "receiver: runs nothing but the command" \
    "$(undefined receiver | grep -x -E 'system|popen|posix_spawn.*|exec[lv]p?e?' |
    grep -v -x execve)" ""

# A raw system call would get around the names: which are made?
if have objdump; then
	for role in policy integrity learn; do
		is "$role: no system call instruction of its own" \
		    "$(objdump -d role-$role.o | grep -c -w syscall)" 0
	done
fi
for role in monitor receiver policy integrity learn; do
	case $role in
	monitor)	want=main ;;
	*)		want=${role}_main ;;
	esac
	is "$role: shows the others its entry point only" \
	    "$(defined role-$role.o)" $want
	others=
	for other in receiver policy integrity learn; do
		[ $other = $role ] || others="$others|${other}_main"
	done
	if [ $role != monitor ]; then
		is "$role: refers to no other role" \
		    "$(undefined $role | grep -x -E "${others#|}|main")" ""
	fi
done
is "monitor: refers to the roles by their entry points" \
    "$(undefined monitor | grep -E '^(receiver|policy|integrity|learn)_.*main' | tr '\n' ' ')" \
    "integrity_main learn_main policy_main receiver_main "
grep -l -E '^#include "(\.\./)?worker/' "$SRC"/monitor/*.[chy] >"$T/x"
is "no file of monitor/ includes one of worker/" "$(cat "$T/x")" ""
