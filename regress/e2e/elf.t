#!/bin/sh
# Executables of several toolchains run as they do bare, and damaged ones, each
# of one defect, do no more inside than bare, and nothing to the worker that
# looks at them.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

printf 'int main(int c, char **v) { (void)v; return (c + 6); }\n' >c.c
cat >start.c <<'C'
void
_start(void)
{
	__asm__ volatile ("syscall" : : "a" (60), "D" (7));
}
C
cat >tiny.asm <<'A'
bits 64
global _start
_start: mov eax, 60
mov edi, 7
syscall
A
cat >tiny.s <<'A'
.globl _start
_start: movl $60, %eax
movl $7, %edi
syscall
A
cat >r.rs <<'R'
fn main() { std::process::exit(7); }
R

# made NAME COMMAND ...: with the first word of the command, if it is there
made() {
	name=$1
	shift
	if ! have "$1"; then
		skip "$name" "no $1 here"
		return
	fi
	rm -f x
	if ! "$@" >"$T/make" 2>&1 || [ ! -f x ]; then
		skip "$name" "$1 cannot make one here"
		return
	fi
	./x
	is "$name: bare" $? 7
	run -r 'deny exec class nullargv' -- ./x
	is "$name: inside" "$st:$err" 7:
}
made "gcc, pie" gcc -o x -pie -fPIE c.c
made "gcc, not pie" gcc -o x -no-pie c.c
made "gcc, static" gcc -o x -static c.c
made "gcc, static pie" gcc -o x -static-pie -fPIE c.c
made "gcc, without a library" gcc -o x -nostdlib -static start.c
made "gcc, stripped of sections" gcc -o x -s -Wl,-z,noseparate-code c.c
made "gcc, code in its data's pages" gcc -o x -Wl,-z,norelro c.c
made "gcc, large pages" gcc -o x -Wl,-z,max-page-size=0x200000 c.c
made "gcc, gold" gcc -o x -fuse-ld=gold c.c
made "gcc, with a hash of its own" gcc -o x -Wl,--hash-style=sysv \
    -Wl,--build-id=sha1 c.c
made "clang" clang -o x c.c
made "clang, lld" clang -fuse-ld=lld -o x c.c
made "clang, static" clang -static -o x c.c
made "tcc" tcc -o x c.c
made "musl-gcc" musl-gcc -o x c.c
made "musl-gcc, static" musl-gcc -static -o x c.c
made "rustc" rustc -o x r.rs
made "rustc, static" rustc -C target-feature=+crt-static -o x r.rs
made "rustc, not pie" rustc -C relocation-model=static -o x r.rs
made "rustc, optimized and stripped" rustc -O -C strip=symbols \
    -C panic=abort -o x r.rs
printf 'package main\nimport "os"\nfunc main() { os.Exit(7) }\n' >x.go
export GOCACHE="$T/go" GO111MODULE=off
made "go" go build -o x x.go
made "go, stripped" go build -ldflags "-s -w" -o x x.go
made "go, pie" go build -buildmode=pie -o x x.go
made "go, gcc's linker" go build -ldflags "-linkmode=external" -o x x.go
# as these two lay it out, where they are not there
cat >go.ld <<'L'
PHDRS {
	headers PT_PHDR PHDRS FLAGS(4);
	note PT_NOTE FLAGS(4);
	text PT_LOAD FILEHDR PHDRS FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	stack PT_GNU_STACK FLAGS(6);
	other 0x65041580 FLAGS(0x2a00);
}
ENTRY(_start)
SECTIONS {
	. = 0x400000 + SIZEOF_HEADERS;
	.note.go.buildid ALIGN(4) : { *(.note*) } :text :note
	.text ALIGN(0x1000) : { *(.text*) } :text
	.rodata ALIGN(0x1000) : { LONG(1) *(.rodata* .eh_frame*) } :rodata
	.data ALIGN(0x1000) : { LONG(1) *(.data*) } :data
	.bss ALIGN(32) : { *(.bss*) . = . + 0x20000; } :data
	/DISCARD/ : { *(.comment) }
}
L
made "of Go's layout" gcc -O1 -nostdlib -static -fno-stack-protector \
    -Wl,--build-id -Wl,-T,go.ld -o x start.c
cat >tls.c <<'C'
static __thread int local = 5;
int
main(int argc, char **argv)
{
	(void)argv;
	local += argc + 1;
	return (local);
}
C
made "of Rust's layout" gcc -O1 -pie -fPIE -fexceptions -Wl,--as-needed \
    -Wl,-z,relro,-z,now -Wl,--eh-frame-hdr -Wl,--gc-sections -o x tls.c
if have nasm; then
	made "nasm" sh -c 'nasm -f elf64 -o t.o tiny.asm && ld -o x t.o'
else
	skip nasm "no nasm here"
fi
made "as and ld" sh -c 'as -o t.o tiny.s && ld -o x t.o'
made "as and ld, no sections apart" sh -c 'as -o t.o tiny.s && ld -n -o x t.o'
if gcc -m32 -nostdlib -static -o x start.c 2>/dev/null; then
	run -- ./x
	like "of 32 bits: never" "$st" "^(126|137)$"
	like "... it says so" "$err" "not for x86-64|class 32bit"
else
	skip "of 32 bits: never" "gcc has no -m32 here"
fi

# ---- scripts that lead back to themselves, or too far

printf '#!%s/cycle-b\n' "$PWD" >cycle-a
printf '#!%s/cycle-a\n' "$PWD" >cycle-b
printf '#!%s/cycle-self\n' "$PWD" >cycle-self
printf '#!/bin/true\n' >deep1
for i in 2 3 4 5 6 7; do
	printf '#!%s/deep%d\n' "$PWD" $((i - 1)) >deep$i
done
chmod 755 cycle-* deep*
cat >why.py <<'P'
import os, sys
for f in sys.argv[1:]:
    p = os.fork()
    if p == 0:
        try:
            os.execv(f, [f])
        except OSError as e:
            os._exit(e.errno)
    print(f, os.waitstatus_to_exitcode(os.waitpid(p, 0)[1]))
P
set -- ./cycle-a ./cycle-self ./deep4 ./deep5 ./deep6 ./deep7
bare=$(/usr/bin/python3 why.py "$@")
for r in 'deny exec class nullargv' 'set tpe no' 'set exec-check late'; do
	run -r "$r" -- /usr/bin/python3 why.py "$@"
	is "cycles and chains of scripts end as they do bare ($r)" "$out" "$bare"
done

# ---- damaged, one defect each

gcc -static -o good c.c
mkdir bad
python3 "$SRC/regress/e2e/elfmake.py" good bad
[ "$(ls bad | wc -l)" -ge 35 ]
ok "damaged ones are made" "$(ls bad)"
for f in bad/*; do
	timeout 20 "$f" >/dev/null 2>&1
	echo "$f $?"
done >bare 2>/dev/null

mkfifo go end
cat >all.sh <<'S'
echo up
read -r x <go
for f in bad/*; do
	timeout 20 "$f" >/dev/null 2>&1
	echo "$f $?"
done >inside 2>/dev/null
./good
echo "good $?"
read -r x <end
S
LIMIT=240
sb -r "deny exec class memfd" -- sh all.sh >"$T/out" 2>"$T/err" &
sandbox=$!
wait_for 200 grep -q up "$T/out"
ok "the sandbox is up" "$(cat "$T/err")"
worker=$(ps -eo pid=,ppid=,args= | awk -v top=$sandbox '
    { up[$1] = $2; if (/privsep-sandbox: integrity|-P integrity/) is[$1] = 1 }
    END {
	for (p in is)
		for (q = p; q in up; q = up[q])
			if (up[q] == top)
				print p
    }')
memory() { sed -n '/^Vm\(Peak\|Data\|Stk\)/p' "/proc/$worker/status"; }
# once, so that the stack and the lane are what they will be
before=$(memory)
echo x >go
wait_for 1200 grep -q good "$T/out"
is "a good one runs after all of them" "$(tail -1 "$T/out")" "good 7"
like "the worker's memory can be seen" "$before" "VmPeak"
if grep -q -a __asan_init "$PRIVSEP"; then
	skip "... and is what it was: no size in a file is one of memory" \
	    "the sanitizer keeps what is freed, and shadows it"
else
	is "... and is what it was: no size in a file is one of memory" \
	    "$(memory)" "$before"
fi
echo x >end
wait $sandbox
is "the run ends as ever" $? 0
while read -r f was; do
	now=$(sed -n "s|^$f ||p" inside)
	case $now in
	"$was" | 126 | 137)	true ;;
	*)			false ;;
	esac
	ok "${f#bad/}: bare $was, inside it is that or refused" "$now"
done <bare
for f in truncated-segments loads-overlap interpreters-two entry-nowhere \
    load-past-end interpreter-cycle-a; do
	was=$(sed -n "s|^bad/$f ||p" inside)
	[ "$was" != 7 ]
	ok "$f does not run" "$was"
done
