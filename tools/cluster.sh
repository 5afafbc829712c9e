# shellcheck shell=bash
# tools/cluster.sh
#		What demo/run and test/run share: the packages, the build, and a
#		throwaway server that nobody else sees.  Sourced by bash.
#
# Everything happens in one scratch directory, which belongs to an ordinary
# user (the caller, or postgres where the caller is root) and is removed at
# exit together with the server.  The checkout is only read.  Nothing is
# installed into the system but Debian packages that are missing, unless the
# server has no setting to find an extension elsewhere.
#
#	fl_begin [WORD...]	packages ("pgtap", "clang", "fuzz", and where they can be had
#			"clients", "pg_cron" beside the usual), scratch directory
#	fl_build SRC [ARG...]	copy the checkout to $fl_dir/SRC and make it there
#	fl_build_strict CC	the same to $fl_dir/CC, by that compiler; warnings are errors
#	fl_start SRC		install from there, start the server
#	fl_user COMMAND...	run as the server's user
#	fl_quiet WHAT COMMAND...	run; show the output only if it fails, then end
#
# PG_CONFIG chooses among several servers, FIRST_LOAN_UNDER a tool (tools/under.sh).

fl_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
fl_dir=			# scratch directory
fl_owner=		# who owns it, if not the caller
fl_conf=		# our file in createcluster.d while packages are installed
fl_watch=		# process that cleans up after a killed shell

fl_say()
{
	printf '%s\n' "$*"
}

fl_die()
{
	printf '%s: %s\n' "$0" "$*" >&2
	exit 1
}

# A package that is needed cannot be had: a status of its own, so that who runs
# this where there may be no network can tell it from a failure.
fl_lack()
{
	printf '%s: %s\n' "$0" "$*" >&2
	exit 75
}

# The caller's settings must not reach the throwaway server or the build.
for fl_name in "${!PG@}" "${!MAKE@}" DESTDIR CFLAGS CPPFLAGS LDFLAGS COPT; do
	[ "$fl_name" = PG_CONFIG ] || unset "$fl_name"
done
unset fl_name

fl_under_packages=()
fl_under_make=()
if [ -n "${FIRST_LOAN_UNDER:-}" ]; then
	# shellcheck source=tools/under.sh
	. "$fl_root/tools/under.sh"
fi
export LC_ALL=C.UTF-8 PGCLIENTENCODING=UTF8 PSQLRC=/dev/null

# ----------------------------------------------------------------------
# Packages
# ----------------------------------------------------------------------

fl_sudo()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# Output of the command only if it fails.
fl_quiet()
{
	local what=$1 log
	shift
	log=$(mktemp)
	if ! "$@" >"$log" 2>&1 </dev/null; then
		cat "$log" >&2
		rm -f "$log"
		fl_die "$what failed"
	fi
	rm -f "$log"
}

fl_apt()
{
	fl_sudo env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y \
		-o DPkg::Lock::Timeout=300 "$@"
}

# Refreshes the package lists, once.  A third party's list that cannot be
# had is no reason to give up: the install below tells.
fl_updated=
fl_apt_update()
{
	command -v apt-get >/dev/null ||
		fl_lack "PostgreSQL, its server headers, gcc and make are needed, and there is no apt-get to install them"
	[ -n "$fl_updated" ] || fl_apt update >/dev/null 2>&1 || true
	fl_updated=yes
}

fl_install()
{
	local confdir=/etc/postgresql-common/createcluster.d

	fl_say "Installing packages: $*"
	[ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
		fl_lack "installing them needs root, or sudo"
	fl_apt_update
	if [[ " $*" =~ \ postgresql-[0-9] && ! -x $fl_bindir/postgres ]]; then
		# A server's package makes a cluster and starts it, and starts one
		# that an earlier installation left.
		! compgen -G '/etc/postgresql/*/*/postgresql.conf' >/dev/null ||
			fl_die "clusters are set up in /etc/postgresql, but their server is missing; install it first"
		(fl_quiet "apt-get install" fl_apt install --no-install-recommends postgresql-common) || exit 75
		fl_sudo mkdir -p "$confdir"
		fl_conf=$confdir/first_loan.conf
		echo "create_main_cluster = false" | fl_sudo tee "$fl_conf" >/dev/null
	fi
	(fl_quiet "apt-get install" fl_apt install --no-install-recommends "$@") || exit 75
	fl_drop_conf
}

fl_drop_conf()
{
	[ -z "$fl_conf" ] || fl_sudo rm -f "$fl_conf"
	fl_conf=
}

# fl_optional PROGRAM-OR-FILE PACKAGE: what a test can do without, each by itself
fl_optional()
{
	[ ! -e "$1" ] && ! command -v "$1" >/dev/null || return 0
	command -v apt-get >/dev/null || return 0
	[ "$(id -u)" = 0 ] || command -v sudo >/dev/null || return 0
	fl_say "Installing package: $2"
	fl_apt_update
	fl_apt install --no-install-recommends "$2" >/dev/null 2>&1 </dev/null || fl_say "$2 cannot be had"
}

# The makefiles of PGXS come with Debian's server, the headers do not.
fl_has_headers()
{
	[ -e "/usr/lib/postgresql/$1/lib/pgxs/src/makefiles/pgxs.mk" ] &&
		[ -e "/usr/include/postgresql/$1/server/postgres.h" ]
}

# Debian's server with its headers, newest first; a server without headers
# and headers without a server come next; then a pg_config on the path (a
# server built from source); then Debian's default version.
fl_find_server()
{
	local dir best=0 points version=

	fl_debian=
	if [ -n "${PG_CONFIG:-}" ]; then
		PG_CONFIG=$(command -v "$PG_CONFIG") || fl_die "PG_CONFIG is not a program"
	else
		for dir in $(printf '%s\n' /usr/lib/postgresql/* | sort -V); do
			points=0
			[ ! -x "$dir/bin/postgres" ] || points=2
			! fl_has_headers "${dir##*/}" || points=$((points + 1))
			if [ $points -gt 0 ] && [ $points -ge $best ]; then
				best=$points
				version=${dir##*/}
			fi
		done
		if [ -z "$version" ] && PG_CONFIG=$(command -v pg_config) &&
			[ -e "$("$PG_CONFIG" --pgxs 2>/dev/null)" ]; then
			:
		elif [ -z "$version" ]; then
			fl_apt_update
			version=$(LC_ALL=C apt-cache depends postgresql 2>/dev/null |
				sed -n 's/^ *Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1) || true
			[ -n "$version" ] || fl_lack "no PostgreSQL here, and none in the package lists"
		fi
		[ -z "$version" ] || PG_CONFIG=/usr/lib/postgresql/$version/bin/pg_config
	fi
	export PG_CONFIG
	if [ -x "$PG_CONFIG" ]; then
		fl_bindir=$("$PG_CONFIG" --bindir)
	else
		fl_bindir=${PG_CONFIG%/pg_config}
	fi
	if [[ $fl_bindir =~ ^/usr/lib/postgresql/([0-9]+)/bin$ ]]; then
		fl_debian=${BASH_REMATCH[1]}
	fi
}

# What clang links with sanitizers and libFuzzer, in packages of its version's
# name.  The fuzzing is skipped where they cannot be had.
fl_clang_runtime()
{
	local name version missing=()

	command -v clang >/dev/null && command -v apt-get >/dev/null || return
	[ ! -e "$(clang -print-file-name="libclang_rt.fuzzer_no_main-$(uname -m).a")" ] || return 0
	version=$(clang -dumpversion | cut -d . -f 1)
	fl_apt_update
	for name in "libclang-rt-$version-dev" "libclang-common-$version-dev" "libfuzzer-$version-dev"; do
		! apt-cache show "$name" >/dev/null 2>&1 || missing+=("$name")
	done
	fl_install "${missing[@]}"
}

fl_begin()
{
	local missing=("${fl_under_packages[@]}")

	fl_find_server
	if [ -n "$fl_debian" ]; then
		[ -x "$fl_bindir/postgres" ] || missing+=("postgresql-$fl_debian")
		fl_has_headers "$fl_debian" || missing+=("postgresql-server-dev-$fl_debian")
		# for credit reports in XML; Debian's server is built with it
		[ -e /usr/include/libxml2/libxml/parser.h ] || missing+=(libxml2-dev)
	fi
	command -v make >/dev/null || missing+=(make)
	command -v gcc >/dev/null || missing+=(gcc)
	[ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
	if [[ " $* " == *" clang "* ]]; then
		command -v clang >/dev/null || missing+=(clang)
	fi
	if [[ " $* " == *" pgtap "* ]]; then
		command -v pg_prove >/dev/null || missing+=(libtap-parser-sourcehandler-pgtap-perl)
		[ -z "$fl_debian" ] ||
			[ -e "/usr/share/postgresql/$fl_debian/extension/pgtap.control" ] ||
			missing+=("postgresql-$fl_debian-pgtap")
	fi
	trap fl_end EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	[ ${#missing[@]} -eq 0 ] || fl_install "${missing[@]}"
	if [[ " $* " == *" clients "* ]]; then
		fl_optional /usr/share/java/postgresql.jar libpostgresql-jdbc-java
		fl_optional java default-jre-headless
		[[ "$(javac -version 2>&1)" == javac* ]] || fl_optional ecj ecj
		fl_optional /usr/lib/python3/dist-packages/psycopg2 python3-psycopg2
		[ -n "$(find /usr/lib -name psqlodbcw.so 2>/dev/null)" ] || fl_optional psqlodbcw.so odbc-postgresql
		[ -n "$(find /usr/lib/python3/dist-packages -name 'pyodbc*.so' 2>/dev/null)" ] || fl_optional pyodbc python3-pyodbc
		command -v npm >/dev/null || fl_optional /usr/share/nodejs/pg node-pg
	fi
	if [[ " $* " == *" pg_cron "* && -n $fl_debian ]]; then
		fl_optional "/usr/share/postgresql/$fl_debian/extension/pg_cron.control" "postgresql-$fl_debian-cron"
	fi
	[[ " $* " != *" fuzz "* ]] || (fl_clang_runtime) || true

	[ -e "$("$PG_CONFIG" --pgxs)" ] || fl_die "$PG_CONFIG belongs to a server without PGXS"
	# shellcheck disable=SC2034	# for the scripts that source this
	fl_version=$("$PG_CONFIG" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
	export PATH=$fl_bindir:$PATH
	fl_scratch
	[ -z "${FIRST_LOAN_UNDER:-}" ] || fl_under_can
}

# ----------------------------------------------------------------------
# Scratch directory, its user, and the end of both
# ----------------------------------------------------------------------

fl_user()
{
	if [ -n "$fl_owner" ]; then
		setpriv --reuid="$(id -u "$fl_owner")" --regid="$(id -g "$fl_owner")" \
			--init-groups env HOME="$fl_dir" USER="$fl_owner" "$@"
	else
		"$@"
	fi
}

fl_scratch()
{
	local base=${TMPDIR:-/tmp}

	if [ "$(id -u)" = 0 ]; then
		fl_owner=postgres
		id postgres >/dev/null 2>&1 || fl_owner=nobody
	fi
	# The socket's path must stay below some 100 bytes.
	if [ ${#base} -gt 60 ] || ! fl_user test -w "$base"; then
		base=/tmp
	fi
	fl_dir=$(mktemp -d "$base/first_loan.XXXXXX")
	mkdir "$fl_dir/tmp"
	[ -z "$fl_owner" ] || chown -R "$fl_owner:" "$fl_dir"
	export TMPDIR=$fl_dir/tmp

	# Cleans up where this shell has no chance to.
	# shellcheck disable=SC2016
	setsid bash -c '
		while kill -0 "$1"; do sleep 1; done
		[ ! -e "$2/data/postmaster.pid" ] || kill -QUIT "$(head -n 1 "$2/data/postmaster.pid")"
		sleep 1
		rm -rf "$2"' watch $$ "$fl_dir" </dev/null >/dev/null 2>&1 &
	fl_watch=$!
	disown
	cd "$fl_dir" || exit
}

fl_stop()
{
	if [ -e "$fl_dir/data/postmaster.pid" ]; then
		fl_user pg_ctl -D "$fl_dir/data" -s -w -t 20 -m fast stop ||
			fl_user pg_ctl -D "$fl_dir/data" -s -w -t 20 -m immediate stop || true
	fi
}

fl_end()
{
	local status=$?

	trap - EXIT
	trap '' HUP INT TERM
	fl_drop_conf
	if [ -n "$fl_dir" ] && [ -d "$fl_dir" ]; then
		cd /
		fl_stop
		[ -z "$fl_watch" ] || kill "$fl_watch" 2>/dev/null || true
		rm -rf "$fl_dir"
	fi
	exit $status
}

# Leaves the server and the directory to the caller.
fl_keep()
{
	[ -z "$fl_watch" ] || kill "$fl_watch" 2>/dev/null || true
	trap - EXIT
}

# ----------------------------------------------------------------------
# Build and server
# ----------------------------------------------------------------------

fl_build()
{
	local src=$fl_dir/$1
	shift

	# Built files stay behind, the assembled scripts among them.
	mkdir "$src"
	tar -C "$fl_root" -cf - --exclude=./.git --exclude=./test/results \
		--exclude='*.o' --exclude='*.so' --exclude='*.bc' \
		--exclude='./sql/first_loan--*.sql' . |
		tar -C "$src" --no-same-owner -xf -
	[ -z "$fl_owner" ] || chown -R "$fl_owner:" "$src"
	fl_user make -s -C "$src" PG_CONFIG="$PG_CONFIG" "${fl_under_make[@]}" "$@"
}

fl_build_strict()
{
	local flags=()

	# Instrumented code is seen with false warnings; and the server's own flags
	# and headers may speak to gcc only.
	[ -z "${FIRST_LOAN_UNDER:-}" ] || { fl_build "$1" CC="$1"; return; }
	[[ $1 != clang* ]] || flags=(with_llvm=no \
		COPT="-Wno-ignored-optimization-argument -Wno-unknown-warning-option -Wno-ignored-attributes")
	fl_build "$1" CC="$1" WERROR=1 "${flags[@]}"
}

fl_start()
{
	local src=$fl_dir/$1 data=$fl_dir/data stage=$fl_dir/stage lookup='' shm

	fl_quiet initdb fl_user initdb -D "$data" -U postgres -A trust -N \
		--encoding=UTF8 --locale=C.UTF-8 --lc-messages=C

	# PostgreSQL 18's setting, and the one that Debian adds to older servers.
	if fl_user postgres -D "$data" -C extension_control_path >/dev/null 2>&1; then
		lookup="extension_control_path = '$stage$("$PG_CONFIG" --sharedir):\$system'"
	elif fl_user postgres -D "$data" -C extension_destdir >/dev/null 2>&1; then
		lookup="extension_destdir = '$stage'"
	fi
	if [ -n "$lookup" ]; then
		fl_quiet "make install" fl_user make -s -C "$src" PG_CONFIG="$PG_CONFIG" \
			"${fl_under_make[@]}" install OLD_VERSIONS=1 DESTDIR="$stage"
		lookup+=$'\n'"dynamic_library_path = '$stage$("$PG_CONFIG" --pkglibdir):\$libdir'"
	else
		fl_say "This server finds extensions in its own directories only:" \
			"first_loan is installed there ('make OLD_VERSIONS=1 uninstall' removes it)."
		fl_quiet "make install" fl_sudo make -s -C "$src" PG_CONFIG="$PG_CONFIG" \
			"${fl_under_make[@]}" install OLD_VERSIONS=1
	fi

	# Little shared memory, as in a container: parallel queries use files.
	shm=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 {print $4}') || true
	[ "${shm:-0}" -ge 524288 ] || lookup+=$'\n'"dynamic_shared_memory_type = mmap"

	fl_user tee -a "$data/postgresql.conf" >/dev/null <<-CONF
		$lookup
		listen_addresses = ''
		unix_socket_directories = '$fl_dir'
		fsync = off
		synchronous_commit = off
		full_page_writes = off
		wal_level = minimal
		max_wal_senders = 0
		max_wal_size = 2GB
		checkpoint_timeout = 30min
		shared_buffers = 256MB
		work_mem = 64MB
		maintenance_work_mem = 128MB
		jit = off
		timezone = 'Asia/Shanghai'
	CONF

	export PGHOST=$fl_dir PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
	[ -z "${FIRST_LOAN_UNDER:-}" ] || fl_under_begin
	if ! fl_user pg_ctl -D "$data" -s -w -l "$fl_dir/server.log" start >/dev/null; then
		cat "$fl_dir/server.log" >&2
		fl_die "the server did not start"
	fi
}
