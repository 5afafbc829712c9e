# shellcheck shell=bash
# The extension's objects in a database with all that pg_upgrade takes over:
# definitions, bodies, comments, grants.  One statement a line, without OIDs,
# sorted.  Sourced by the checks that compare two databases.
objects()
{
	{
		pg_dump --binary-upgrade --schema-only -d "$1" |
			grep -v -e '^--' -e '^[\]' -e 'binary_upgrade_set_next' |
			awk 'BEGIN { RS = ";\n"; ORS = "\n" } { gsub(/\n/, " "); print }' |
			sed 's/^ *//' | grep -E 'first_loan|^GRANT|^REVOKE'
		# what \dx+ lists, and what hangs on it: array types, operators of classes
		psql -XqAt -v ON_ERROR_STOP=1 -d "$1" <<-'SQL'
			SELECT 'member: ' || pg_describe_object(classid, objid, objsubid) || coalesce(', ' || obj_description(objid, classid::regclass::name), '')
			FROM pg_depend WHERE refclassid = 'pg_extension'::regclass
				AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'first_loan') AND deptype = 'e';
			SELECT 'access method: ' || pg_describe_object(classid, objid, objsubid) FROM pg_depend
			WHERE classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass) AND refclassid = 'pg_opclass'::regclass
				AND refobjid IN (SELECT oid FROM pg_opclass WHERE opcnamespace = 'first_loan'::regnamespace);
		SQL
	} | LC_ALL=C sort
}
