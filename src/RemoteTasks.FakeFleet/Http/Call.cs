using System.Security.Cryptography.X509Certificates;
using RemoteTasks.FakeFleet.Life;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>A remote with the life of its nodes.</summary>
internal sealed record SimRemote(FakeRemote Shown, IReadOnlyList<NodeLife> Nodes) : IDisposable
{
    private readonly List<X509Certificate2> certificates = [];

    public bool IsPbs => Shown.Type == "pbs";

    /// <summary>What it shows to who connects now.</summary>
    public X509Certificate2 Certificate
    {
        get
        {
            lock (certificates) return certificates[^1];
        }
    }

    /// <summary>Gives it a new certificate. Connections that stand keep the old one, so that one lives on, too.</summary>
    public void ChangeCertificate()
    {
        var certificate = Certificates.Create(Shown.Id + ".fleet.invalid");
        lock (certificates) certificates.Add(certificate);
        Shown.Fingerprint = Certificates.Fingerprint(certificate);
    }

    public void Dispose()
    {
        lock (certificates) certificates.ForEach(static certificate => certificate.Dispose());
    }
}

/// <summary>One authorised request.</summary>
/// <param name="Remote">Whom it asks.</param>
/// <param name="Entry">The node whose port it came to.</param>
/// <param name="Now">Seconds since 1970 by the fleet's clock.</param>
/// <param name="Delete">DELETE instead of GET.</param>
/// <param name="Path">Segments of the path behind <c>/api2/json</c>.</param>
/// <param name="Parameters">The query.</param>
internal sealed record Call(SimRemote Remote, NodeLife Entry, long Now, bool Delete, string[] Path, Parameters Parameters)
{
    /// <summary>What a list makes of where a page should begin and how long it should be.</summary>
    public (long Start, long Limit) Page(long start, long limit) => Remote.Shown.IgnoresPaging
        ? (0, int.MaxValue)
        : (start, limit == 0 ? limit : Math.Min(limit, Remote.Shown.RowsMax));

    public FakeRights Rights => Remote.Shown.Rights;

    /// <summary>Without the right to audit, a token sees the tasks it has started itself.</summary>
    public bool MaySee(SimTask task) => Rights != FakeRights.None || task.User == Remote.Shown.AuthId;

    public bool MayStop(SimTask task) => Rights == FakeRights.Modify || task.User == Remote.Shown.AuthId;
}
