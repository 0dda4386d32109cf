using System;
using System.Buffers.Binary;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using BizTalkDR.Configuration;
using BizTalkDR.Errors;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Secrets;

public sealed class ProtectedFileTests
{
    private static readonly byte[] s_content = Encoding.UTF8.GetBytes("a hash and a command");
    private static readonly byte[] s_file = ProtectedFile.Protect(s_content, Secret("Pässword-1"));

    [Fact]
    public void What_was_protected_opens_with_its_password_alone()
    {
        Assert.Equal(s_content, ProtectedFile.Open("f", s_file, Secret("Pässword-1")));
        Assert.Equal(RecoveryError.PasswordWrong, Assert.Throws<RecoveryException>(() => ProtectedFile.Open("f", s_file, Secret("Password-1"))).Code);
        Assert.DoesNotContain("hash", Encoding.Latin1.GetString(s_file), StringComparison.Ordinal);
        Assert.NotEqual(s_file, ProtectedFile.Protect(s_content, Secret("Pässword-1")));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(30)]
    [InlineData(50)]
    [InlineData(-1)]
    public void A_changed_byte_is_noticed_wherever_it_is(int at)
    {
        byte[] damaged = [.. s_file];
        damaged[at < 0 ? damaged.Length + at : at] ^= 1;
        RecoveryException refused = Assert.Throws<RecoveryException>(() => ProtectedFile.Open("f", damaged, Secret("Pässword-1")));
        Assert.Contains(refused.Code, (RecoveryError[])[RecoveryError.PasswordWrong, RecoveryError.KeptFileChanged]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("BTDRSEC1")]
    [InlineData("something else that is long enough to hold a header, a salt, a vector, some content and a seal; and more, and more, and more")]
    public void What_is_no_such_file_has_a_name(string content) =>
        Assert.Equal(RecoveryError.KeptFileChanged, Assert.Throws<RecoveryException>(() => ProtectedFile.Open("f", Encoding.ASCII.GetBytes(content), Secret("x"))).Code);

    [Fact]
    public void Its_form_is_the_documented_one_with_600_000_rounds()
    {
        byte[] number = s_file[8..12], salt = s_file[12..28], vector = s_file[28..44];
        Assert.Equal([.. "BTDRSEC1"u8], s_file[..8]);
        Assert.Equal(600_000, BinaryPrimitives.ReadInt32BigEndian(number));
        byte[] keys = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes("Pässword-1"), salt, 600_000, HashAlgorithmName.SHA256, 64);
        Assert.Equal(HMACSHA256.HashData(keys[32..], s_file[..^32]), s_file[^32..]);
        using Aes aes = Aes.Create();
        aes.Key = keys[..32];
        Assert.Equal(s_content, aes.DecryptCbc(s_file[44..^32], vector));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(599_999)]
    [InlineData(10_000_001)]
    [InlineData(-1)]
    public void Other_numbers_of_rounds_are_refused_before_a_password_is_tried(int rounds)
    {
        byte[] other = [.. s_file];
        BinaryPrimitives.WriteInt32BigEndian(other.AsSpan(8), rounds);
        Assert.Equal(RecoveryError.KeptFileChanged, Assert.Throws<RecoveryException>(() => ProtectedFile.Open("f", other, Secret("Pässword-1"))).Code);
    }

    [Theory]
    [InlineData("passwd", "salt", 1)]
    [InlineData("Password", "NaCl", 1000)]
    public void The_keys_are_those_of_the_standard(string password, string salt, int rounds) => Assert.Equal(
        Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(password), Encoding.ASCII.GetBytes(salt), rounds, HashAlgorithmName.SHA256, 64),
        ProtectedFile.Derive(Encoding.ASCII.GetBytes(password), Encoding.ASCII.GetBytes(salt), rounds));

    [Theory]
    [InlineData("<add connectionString=\"Data Source=x;Password=hidden\" />", true)]
    [InlineData("Server=x; PWD = 'hidden'", true)]
    [InlineData("<machineKey decryptionKey=\"0011\" />", true)]
    [InlineData("EXEC sp_x @rmtpassword = N'hidden'", true)]
    [InlineData("\"password\": \"hidden\"", true)]
    [InlineData("passwordFormat=\"Hashed\" enablePasswordReset=\"true\" minRequiredPasswordLength=\"7\"", false)]
    [InlineData("<processModel userName=\"machine\" password=\"AutoGenerate\" />", false)]
    [InlineData("EXEC sp_x @password = @given", false)]
    [InlineData("password=\"\" user=\"x\"", false)]
    [InlineData("the password is kept elsewhere", false)]
    [InlineData(null, false)]
    public void A_password_that_stands_in_a_text_is_seen(string? text, bool expected) => Assert.Equal(expected, SecretWords.MayHold(text));

    private static SecureString Secret(string text)
    {
        SecureString secret = new();
        foreach (char c in text)
            secret.AppendChar(c);
        return secret;
    }
}
