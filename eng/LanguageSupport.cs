// Types the compiler asks for by name when newer C# is compiled for netstandard2.0 and net472.
#if !NET5_0_OR_GREATER
namespace System.Runtime.CompilerServices
{
    internal static class IsExternalInit
    {
    }

    [System.AttributeUsage(System.AttributeTargets.All, AllowMultiple = true, Inherited = false)]
    internal sealed class CompilerFeatureRequiredAttribute : System.Attribute
    {
        public CompilerFeatureRequiredAttribute(string featureName) => FeatureName = featureName;

        public string FeatureName { get; }
    }

    [System.AttributeUsage(System.AttributeTargets.Class | System.AttributeTargets.Struct | System.AttributeTargets.Field | System.AttributeTargets.Property, Inherited = false)]
    internal sealed class RequiredMemberAttribute : System.Attribute
    {
    }
}

namespace System.Diagnostics.CodeAnalysis
{
    [System.AttributeUsage(System.AttributeTargets.Parameter, Inherited = false)]
    internal sealed class NotNullWhenAttribute : System.Attribute
    {
        public NotNullWhenAttribute(bool returnValue) => ReturnValue = returnValue;

        public bool ReturnValue { get; }
    }

    [System.AttributeUsage(System.AttributeTargets.Method, Inherited = false)]
    internal sealed class DoesNotReturnAttribute : System.Attribute
    {
    }
}
#endif
