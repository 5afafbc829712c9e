-- What holds for every object of the extension.
SET search_path = first_loan, public;

CREATE TEMPORARY VIEW objects AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS object
FROM pg_depend d
WHERE d.refclassid = 'pg_extension'::regclass
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'first_loan')
  AND d.deptype = 'e';

-- every function, type and operator has a comment
SELECT object FROM objects
WHERE classid IN ('pg_proc'::regclass, 'pg_operator'::regclass)
  AND obj_description(objid, classid::regclass::name) IS NULL
UNION ALL
SELECT object FROM objects JOIN pg_type t ON t.oid = objid AND classid = 'pg_type'::regclass
WHERE obj_description(objid, 'pg_type') IS NULL
  AND t.typelem = 0 AND (t.typtype <> 'c' OR t.typrelid <> 0)
ORDER BY 1;

-- none is SECURITY DEFINER; but for the monitor's, which read and write tables, every function is parallel safe and not VOLATILE
SELECT object FROM objects JOIN pg_proc p ON p.oid = objid AND classid = 'pg_proc'::regclass
WHERE p.prosecdef OR (p.proparallel <> 's' OR p.provolatile = 'v')
  AND p.prolang <> (SELECT oid FROM pg_language WHERE lanname = 'plpgsql') AND p.prorettype <> 'trigger'::regtype
  AND p.proname !~ '^monitor_'
ORDER BY 1;

-- functions in SQL and PL/pgSQL that read tables have a search_path of their own
SELECT object FROM objects JOIN pg_proc p ON p.oid = objid AND classid = 'pg_proc'::regclass
JOIN pg_language l ON l.oid = p.prolang AND l.lanname IN ('sql', 'plpgsql')
WHERE p.provolatile <> 'i' AND (p.proconfig IS NULL OR array_to_string(p.proconfig, ';') !~ 'search_path=pg_catalog, pg_temp')
ORDER BY 1;

-- what answers a NULL with something else than NULL, beside the parts of aggregates
SELECT p.oid::regprocedure AS not_strict
FROM objects JOIN pg_proc p ON p.oid = objid AND classid = 'pg_proc'::regclass
WHERE NOT p.proisstrict AND p.prokind = 'f'
  AND p.proname !~ '_(accum|combine|final)$' AND p.proname !~ '^monitor_'
  AND p.prolang <> (SELECT oid FROM pg_language WHERE lanname = 'plpgsql') AND p.prorettype <> 'trigger'::regtype
ORDER BY p.oid::regprocedure::text COLLATE "C";

-- every base type has text and binary input and output, and an array type
SELECT t.typname FROM objects JOIN pg_type t ON t.oid = objid AND classid = 'pg_type'::regclass
WHERE t.typtype = 'b' AND t.typelem = 0 AND (t.typreceive = 0 OR t.typsend = 0 OR t.typarray = 0);

-- every aggregate can be split: it has a combine function, and a state that can be sent
SELECT a.aggfnoid FROM pg_aggregate a JOIN objects ON a.aggfnoid = objid AND classid = 'pg_proc'::regclass
WHERE a.aggcombinefn = 0 OR (a.aggtranstype = 'internal'::regtype AND (a.aggserialfn = 0 OR a.aggdeserialfn = 0));
-- of those for users, a type of its own
SELECT a.aggfnoid FROM pg_aggregate a JOIN objects ON a.aggfnoid = objid AND classid = 'pg_proc'::regclass
WHERE a.aggtranstype = 'internal'::regtype;
