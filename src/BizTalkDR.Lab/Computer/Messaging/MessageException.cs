using System;

namespace BizTalkDR.Lab.Computer.Messaging;

/// <summary>A message cannot be processed: it is suspended for this reason.</summary>
internal sealed class MessageException(string reason) : Exception(reason);
