# shellcheck shell=bash
# test/checks/lib/server.sh
#		A server of a check's own, that finds extensions where the given one does.
#
#	own_server DIR PORT [SETTING...]	make it in DIR/data and start it
#	own_server_end DIR	stop it and remove DIR

own_server()
{
	local dir=$1 port=$2
	shift 2
	initdb -D "$dir/data" -U postgres -A trust -N --encoding=UTF8 --locale=C.UTF-8 >/dev/null
	psql -XqAt -c "SELECT name || ' = ' || quote_literal(setting) FROM pg_settings
		WHERE name IN ('extension_control_path', 'extension_destdir', 'dynamic_library_path',
			'dynamic_shared_memory_type')" >>"$dir/data/postgresql.conf"
	printf '%s\n' "port = $port" "listen_addresses = ''" "unix_socket_directories = '$dir'" "fsync = off" \
		"shared_buffers = 32MB" "jit = off" "timezone = 'Asia/Shanghai'" "$@" >>"$dir/data/postgresql.conf"
	pg_ctl -D "$dir/data" -s -w -l "$dir/log" start >/dev/null || { cat "$dir/log"; return 1; }
}

own_server_end()
{
	[ ! -e "$1/data/postmaster.pid" ] || pg_ctl -D "$1/data" -s -w -m immediate stop || true
	rm -rf "$1"
}
