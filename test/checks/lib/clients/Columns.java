/* Columns URL SCHEMA: see test/checks/clients */
import java.sql.*;
import java.util.*;

public class Columns
{
	public static void main(String[] args) throws Exception
	{
		try (Connection connection = DriverManager.getConnection(args[0]))
		{
			List<String> relations = new ArrayList<>();

			try (ResultSet tables = connection.getMetaData().getTables(null, args[1], "%", new String[] {"TABLE", "VIEW"}))
			{
				while (tables.next())
					relations.add(tables.getString("TABLE_NAME"));
			}
			Collections.sort(relations);
			for (String relation : relations)
			{
				try (Statement statement = connection.createStatement();
					 ResultSet rows = statement.executeQuery("SELECT * FROM " + args[1] + "." + relation + " LIMIT 1"))
				{
					ResultSetMetaData columns = rows.getMetaData();
					boolean row = rows.next();

					for (int i = 1; i <= columns.getColumnCount(); i++)
					{
						int type = columns.getColumnType(i);
						Object value = row ? rows.getObject(i) : null;
						/* an enum is a VARCHAR to it, of a type of its own */
						boolean known = type != Types.OTHER && type != Types.DISTINCT && type != Types.STRUCT
							&& (type != Types.VARCHAR || columns.getColumnTypeName(i).equals("text"))
							&& (value == null || value.getClass().getName().startsWith("java."));

						System.out.println(relation + " " + columns.getColumnName(i) + " " + columns.getColumnTypeName(i)
							+ " " + (known ? JDBCType.valueOf(type) : "UNKNOWN"));
					}
				}
			}
		}
	}
}
