using System;
using System.Collections.Generic;
using System.IO;
using System.Security;
using System.Text;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer;

/// <summary>What a tool writes, and the answers to its prompts. Secrets that it echoes are masked.</summary>
internal sealed class ToolOutput(IReadOnlyList<PromptAnswer> answers)
{
    private readonly StringBuilder _text = new();

    private readonly object _lock = new();

    private int _next;

    private int _seen;

    /// <summary>Everything written so far, masked.</summary>
    public string Text
    {
        get
        {
            lock (_lock)
                return Masked(_text.ToString());
        }
    }

    /// <summary>The prompt that is waited for; null when none is.</summary>
    public string? Waiting => _next < answers.Count ? answers[_next].Prompt : null;

    /// <summary>Reads to the end and answers on the way.</summary>
    public void Follow(StreamReader output, Stream input)
    {
        using (input)
        {
            CloseWhenAnswered(input);
            char[] buffer = new char[512];
            for (int read = output.Read(buffer, 0, buffer.Length); read > 0; read = output.Read(buffer, 0, buffer.Length))
            {
                lock (_lock)
                    _text.Append(buffer, 0, read);
                while (_next < answers.Count && EndOfPrompt(answers[_next]) is { } end)
                    Answer(input, end);
            }
        }
    }

    /// <summary>Gives a text in which each secret stands as asterisks.</summary>
    public string Masked(string text)
    {
        foreach (PromptAnswer answer in answers)
        {
            if (answer.Secret is { Length: > 0 } secret)
                text = SecretText.Mask(text, secret);
        }

        return text;
    }

    /// <summary>An answer with a prompt waits for its text; one without waits for text that ends inside a line, as prompts do.</summary>
    /// <returns>Where the prompt ends; null when it has not been written yet.</returns>
    private int? EndOfPrompt(PromptAnswer answer)
    {
        string unseen = _text.ToString(_seen, _text.Length - _seen);
        if (answer.Prompt.Length > 0)
        {
            int at = unseen.IndexOf(answer.Prompt, StringComparison.OrdinalIgnoreCase);
            return at < 0 ? null : _seen + at + answer.Prompt.Length;
        }

        bool asks = unseen.Trim().Length > 0 && unseen[unseen.Length - 1] is not ('\n' or '\r');
        return asks ? _text.Length : null;
    }

    private void Answer(Stream input, int end)
    {
        _seen = end;
        PromptAnswer answer = answers[_next++];
        try
        {
            SecretText.WriteLine(input, answer);
            CloseWhenAnswered(input);
        }
        catch (IOException)
        {
            // The tool ended without reading it: its exit code tells.
            _next = answers.Count;
        }
    }

    private void CloseWhenAnswered(Stream input)
    {
        if (_next >= answers.Count)
            input.Dispose();
    }
}
