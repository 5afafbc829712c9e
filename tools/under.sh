# shellcheck shell=bash disable=SC2034,SC2154
# tools/under.sh
#		The suite under a tool, for tools/cluster.sh: FIRST_LOAN_UNDER is one of
#
#	asan		AddressSanitizer and UndefinedBehaviorSanitizer, in the extension,
#			loaded into the stock server; an error ends the server
#	valgrind	memcheck on the server that test/valgrind makes; an error is told
#			in the server's log
#	gcov		without optimization, counting lines
#
# Each sets what the build and the server need.  fl_under_can ends the script, and
# says so, where the tool does not work.  fl_under_end tells what the tool found, and
# fails if that is a defect.
#
#	fl_under_packages	what must be installed
#	fl_under_make	arguments for make
# A pg_ctl that comes first on PATH starts the server under the tool.

fl_under_packages=()
fl_under_make=()
fl_under_preload=
fl_under_fixed=

case $FIRST_LOAN_UNDER in
	asan)
		# set_flat.c's bits without the instructions that this processor may have
		fl_under_make=(with_llvm=no COPT="-DFIRST_LOAN_SLOW_BITS -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -U_FORTIFY_SOURCE -O1 -g")
		;;
	valgrind)
		command -v valgrind >/dev/null || fl_under_packages=(valgrind libc6-dbg)
		fl_under_make=(with_llvm=no COPT="-O1 -g")
		;;
	gcov)
		fl_under_make=(with_llvm=no COPT="--coverage -O0 -g")
		;;
	*)
		fl_die "FIRST_LOAN_UNDER is none of asan, valgrind, gcov"
		;;
esac

# under COMMAND...: every server that pg_ctl starts, by that command
fl_under_server()
{
	mkdir "$fl_dir/under"
	cat >"$fl_dir/under/postgres" <<-SCRIPT
		#!/bin/sh
		exec $* '$fl_bindir/postgres' "\$@"
	SCRIPT
	cat >"$fl_dir/under/pg_ctl" <<-SCRIPT
		#!/bin/sh
		exec '$fl_bindir/pg_ctl' -t 300 -p '$fl_dir/under/postgres' "\$@"
	SCRIPT
	chmod 755 "$fl_dir/under" "$fl_dir"/under/*
	export PATH=$fl_dir/under:$PATH
}

# Before the build: does it work here?
fl_under_can()
{
	[ "$FIRST_LOAN_UNDER" = asan ] || return 0
	# No leak check: what a backend allocates for its lifetime would be told; and
	# it needs ptrace, which a container may not have.
	export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:detect_stack_use_after_return=1
	export UBSAN_OPTIONS=print_stacktrace=1:abort_on_error=1
	echo 'int main(void) { return 0; }' |
		fl_user gcc -x c -fsanitize=address,undefined -o "$fl_dir/can" - >/dev/null 2>&1 ||
		{ fl_say "skipped: gcc comes without the sanitizers"; exit 0; }
	# The runtime must begin before a library's constructor that calls
	# malloc() under a lock which beginning takes too.
	printf '%s\n' '#include <stdlib.h>' \
		'static void __attribute__((constructor)) begin(void) { free(malloc(1)); }' |
		fl_user gcc -x c -shared -fPIC -O0 -Wl,-z,initfirst -o "$fl_dir/begin.so" -
	fl_under_preload="$(gcc -print-file-name=libasan.so) $fl_dir/begin.so"
	# Some kernels put memory, at random, where the runtime wants its own.
	! setarch "$(uname -m)" -R true 2>/dev/null || fl_under_fixed="setarch $(uname -m) -R"
	for _ in {1..20}; do
		# shellcheck disable=SC2086	# words, or nothing
		fl_user $fl_under_fixed env LD_PRELOAD="$fl_under_preload" "$fl_bindir/postgres" --version >/dev/null 2>&1 ||
			{ fl_say "skipped: AddressSanitizer does not start here"; exit 0; }
	done
}

# After the build, before the server starts.
fl_under_begin()
{
	case $FIRST_LOAN_UNDER in
		asan) fl_under_server "$fl_under_fixed" env LD_PRELOAD="'$fl_under_preload'" ;;
		valgrind)
			fl_under_server valgrind --quiet --leak-check=no --trace-children=yes --num-callers=25 \
				--error-markers=VALGRIND-BEGIN,VALGRIND-END --gen-suppressions=all \
				--suppressions="$("$PG_CONFIG" --bindir)/../share/valgrind.supp"
			;;
	esac
}

# What the tool has to say at the end, in the server's log or beside the objects.
fl_under_end()
{
	case $FIRST_LOAN_UNDER in
		asan) ! grep -A 30 -E 'AddressSanitizer|runtime error:' "$fl_dir/server.log" ;;
		valgrind)
			sed -n '/VALGRIND-BEGIN/,/VALGRIND-END/p' "$fl_dir/server.log" >"$fl_dir/found"
			head -n 200 "$fl_dir/found"
			[ ! -s "$fl_dir/found" ]
			;;
		gcov) fl_stop && "$fl_root/test/coverage" --report "$fl_dir/gcc" ;;
	esac
}
