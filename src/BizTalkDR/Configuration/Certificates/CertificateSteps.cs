namespace BizTalkDR.Configuration.Certificates;

/// <summary>Makes a certificate store that is not there.</summary>
/// <param name="Location">Location of the store.</param>
/// <param name="Store">Its name.</param>
internal sealed record CreateStoreStep(string Location, string Store)
    : PartStep(ConfigurationPart.Certificate, RestoreStage.CertificateStore, "create-store/" + Location + "/" + Store, $"Make the certificate store {Location}\\{Store}");

/// <summary>Imports a kept certificate, with its key when that is kept.</summary>
/// <param name="Certificate">What is kept.</param>
/// <param name="File">Its file: the one with the key where there is one.</param>
/// <param name="Envelope">File with the enclosed password of the key; null when the operator has the password.</param>
internal sealed record ImportCertificateStep(KeptCertificate Certificate, KeptFile File, KeptFile? Envelope)
    : PartStep(
        ConfigurationPart.Certificate, RestoreStage.Certificates, $"import/{Certificate.Location}/{Certificate.Store}/{Certificate.Thumbprint}",
        $"Import {Certificate.Subject} ({Certificate.Thumbprint}) {(Certificate.KeyFile is null ? "without a private key" : "with its private key")} into {Certificate.Location}\\{Certificate.Store}");

/// <summary>Looks whether everything in the group that names a certificate finds it.</summary>
internal sealed record BindCheckStep() : PartStep(ConfigurationPart.Certificate, RestoreStage.Ready, "bind-check", "Check that every port, party, host and the group find their certificates");
