using System.Globalization;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Makes the errors of expressions and queries with SQL Server's numbers and texts (sys.messages).</summary>
internal static class SqlErrors
{
    public static LabSqlException Make(int number, byte severity, byte state, string text) => new(number, severity, state, text);

    public static LabSqlException SyntaxNear(string text) => Make(102, 15, 1, $"Incorrect syntax near '{text}'.");

    /// <summary>Valid T-SQL the lab does not carry out; never to be taken for a syntax error.</summary>
    public static LabSqlException Unsupported(string what) => Make(40514, 16, 1, $"'{what}' is not supported in this version of SQL Server.");

    public static LabSqlException ConversionFailed(SqlType from, object? value, SqlType to) =>
        Make(245, 16, 1, $"Conversion failed when converting the {TypeRules.Name(from)} value '{value}' to data type {TypeRules.Name(to)}.");

    public static LabSqlException ErrorConverting(SqlType from, SqlType to) =>
        Make(8114, 16, 5, $"Error converting data type {TypeRules.Name(from)} to {TypeRules.Name(to)}.");

    public static LabSqlException BadDateText() =>
        Make(241, 16, 1, "Conversion failed when converting date and/or time from character string.");

    public static LabSqlException DateOutOfRange(SqlType from, SqlType to) =>
        Make(242, 16, 3, $"The conversion of a {TypeRules.Name(from)} data type to a {TypeRules.Name(to)} data type resulted in an out-of-range value.");

    public static LabSqlException SmallOverflow(SqlType to, long value) =>
        Make(220, 16, 2, string.Create(CultureInfo.InvariantCulture, $"Arithmetic overflow error for data type {TypeRules.Name(to)}, value = {value}."));

    public static LabSqlException FloatOverflow(SqlType to, double value) =>
        Make(232, 16, 3, string.Create(CultureInfo.InvariantCulture, $"Arithmetic overflow error for type {TypeRules.Name(to)}, value = {value:F6}."));

    public static LabSqlException Overflow(string from, SqlType to) =>
        Make(8115, 16, 2, $"Arithmetic overflow error converting {from} to data type {TypeRules.Name(to)}.");

    public static LabSqlException ExpressionOverflow(SqlType to) => Overflow("expression", to);

    public static LabSqlException ExplicitNotAllowed(SqlType from, SqlType to) =>
        Make(529, 16, 2, $"Explicit conversion from data type {TypeRules.Name(from)} to {TypeRules.Name(to)} is not allowed.");

    public static LabSqlException ImplicitNotAllowed(SqlType from, SqlType to) =>
        Make(257, 16, 3, $"Implicit conversion from data type {TypeRules.Name(from)} to {TypeRules.Name(to)} is not allowed. Use the CONVERT function to run this query.");

    public static LabSqlException TypeClash(SqlType from, SqlType to) =>
        Make(206, 16, 2, $"Operand type clash: {TypeRules.Name(from)} is incompatible with {TypeRules.Name(to)}");

    public static LabSqlException Incompatible(SqlType left, SqlType right, string @operator) =>
        Make(402, 16, 1, $"The data types {TypeRules.Name(left)} and {TypeRules.Name(right)} are incompatible in the {@operator} operator.");

    public static LabSqlException InvalidOperand(SqlType type, string @operator) =>
        Make(8117, 16, 1, $"Operand data type {TypeRules.Name(type)} is invalid for {@operator} operator.");

    public static LabSqlException InvalidArgument(SqlType type, int argument, string function) =>
        Make(8116, 16, 1, string.Create(CultureInfo.InvariantCulture, $"Argument data type {TypeRules.Name(type)} is invalid for argument {argument} of {function} function."));

    public static LabSqlException DivideByZero() => Make(8134, 16, 1, "Divide by zero error encountered.");

    public static LabSqlException BadStyle(int style, SqlType from, SqlType to) =>
        Make(281, 16, 1, string.Create(CultureInfo.InvariantCulture, $"{style} is not a valid style number when converting from {TypeRules.Name(from)} to a character string."));

    public static LabSqlException InvalidColumn(string name) => Make(207, 16, 1, $"Invalid column name '{name}'.");

    public static LabSqlException AmbiguousColumn(string name) => Make(209, 16, 1, $"Ambiguous column name '{name}'.");

    public static LabSqlException Unbound(string name) => Make(4104, 16, 1, $"The multi-part identifier \"{name}\" could not be bound.");

    public static LabSqlException InvalidObject(string name) => Make(208, 16, 1, $"Invalid object name '{name}'.");

    public static LabSqlException UnknownFunction(string name) => Make(195, 15, 10, $"'{name}' is not a recognized built-in function name.");

    public static LabSqlException FunctionArguments(string name, int count) =>
        Make(174, 15, 1, string.Create(CultureInfo.InvariantCulture, $"The {name} function requires {count} argument(s)."));

    public static LabSqlException FunctionArguments(string name, int min, int max) =>
        Make(189, 15, 1, string.Create(CultureInfo.InvariantCulture, $"The {name} function requires {min} to {max} arguments."));

    public static LabSqlException UnknownDatePart(string name, string function) => Make(155, 15, 1, $"'{name}' is not a recognized {function} option.");

    public static LabSqlException NotNull(string column, string table, string statement) =>
        Make(515, 16, 2, $"Cannot insert the value NULL into column '{column}', table '{table}'; column does not allow nulls. {statement} fails.");

    public static LabSqlException MoreThanOneValue() =>
        Make(512, 16, 1, "Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.");

    public static LabSqlException InvalidLength(string function) =>
        function == "RIGHT" ? ConstantLength("right") : Make(537, 16, 2, "Invalid length parameter passed to the LEFT or SUBSTRING function.");

    /// <summary>A constant is refused before anything runs, with the name of the function.</summary>
    public static LabSqlException ConstantLength(string function) =>
        Make(536, 16, 6, $"Invalid length parameter passed to the {function} function.");
}
