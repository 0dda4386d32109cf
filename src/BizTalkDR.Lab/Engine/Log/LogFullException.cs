using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>The log cannot grow because its disk is full. Nothing was written; the log goes on as soon as there is room.</summary>
internal sealed class LogFullException(IOException cause) : IOException(cause.Message, cause);
