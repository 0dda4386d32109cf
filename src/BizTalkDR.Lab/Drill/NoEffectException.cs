using System;

namespace BizTalkDR.Lab.Drill;

/// <summary>A deliberate fault changed nothing: whoever lets it pass is not to blame, so the control itself is at fault.</summary>
internal sealed class NoEffectException(string message) : Exception(message);
