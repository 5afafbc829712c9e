-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION first_loan UPDATE TO '0.2.0'" to load this file. \quit

-- What 0.2.0 changes in objects of 0.1.0 comes here; what it adds follows, from
-- the same parts as the install script.
