namespace RemoteTasks.Proxmox.Tests;

public sealed class ErrorTests
{
    [Fact]
    public async Task A_refused_token_is_explained_from_the_reason_phrase()
    {
        ProxmoxException e = await FailAsync(RemoteType.Pve, 401, "token 'mon@pve!tasks' access expired");
        Assert.Equal((ProxmoxErrorKind.Unauthorized, 401), (e.Kind, e.StatusCode));
        Assert.Contains("access expired", e.Message, StringComparison.Ordinal);
        Assert.Contains("pveum user token list 'mon@pve'", e.Remedy, StringComparison.Ordinal);
        Assert.Contains(e.Remedy, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_pbs_token_names_the_command_of_pbs()
    {
        ProxmoxException e = await FailAsync(RemoteType.Pbs, 401, null, "authentication failed");
        Assert.Contains("authentication failed", e.Message, StringComparison.Ordinal);
        Assert.Contains("proxmox-backup-manager user list-tokens 'mon@pve'", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_message_ever_has_the_secret()
    {
        foreach (int status in (int[])[400, 401, 403, 404, 500, 501, 506, 595])
            Assert.DoesNotContain(Given.Secret, (await FailAsync(RemoteType.Pve, status, "x")).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RemoteType.Pve, "pveum acl modify / --tokens 'mon@pve!tasks' --roles PVEAuditor")]
    [InlineData(RemoteType.Pbs, "proxmox-backup-manager acl update /system/tasks Audit --auth-id 'mon@pve!tasks'")]
    public async Task A_missing_privilege_to_read_names_the_command_that_grants_it(RemoteType type, string command)
    {
        ProxmoxException e = await FailAsync(type, 403, "Permission check failed (/nodes/pve1, Sys.Audit)");
        Assert.Equal(ProxmoxErrorKind.Forbidden, e.Kind);
        Assert.Contains(command, e.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RemoteType.Pve, "pveum role add TaskStop --privs 'Sys.Audit Sys.Modify'")]
    [InlineData(RemoteType.Pbs, "acl update /system/tasks Admin --auth-id 'mon@pve!tasks'")]
    public async Task A_missing_privilege_to_stop_names_another_command(RemoteType type, string command)
    {
        await using FakeHost host = await FakeHost.StartAsync(FakeHost.Fail(403));
        using var client = new ProxmoxClient(Given.Remote(type, host.Pinned));
        ProxmoxException e = await Given.FailureAsync(() => client.StopTaskAsync("pve1", Given.PveUpid, CancellationToken.None));
        Assert.Contains(command, e.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(595, "No route to host")]
    [InlineData(596, "Broken pipe")]
    [InlineData(597, "body aborted")]
    [InlineData(599, "Too many redirections")]
    public async Task The_pseudo_codes_of_pve_mean_that_the_node_is_out_of_reach(int status, string reason)
    {
        ProxmoxException e = await FailAsync(RemoteType.Pve, status, reason);
        Assert.Equal((ProxmoxErrorKind.NodeUnreachable, status), (e.Kind, e.StatusCode));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_node_is_a_node_out_of_reach()
    {
        ProxmoxException e = await FailAsync(RemoteType.Pve, 500, "hostname lookup 'pve9' failed - failed to get address info");
        Assert.Equal(ProxmoxErrorKind.NodeUnreachable, e.Kind);
    }

    [Theory]
    [InlineData(404, ProxmoxErrorKind.NotFound)]
    [InlineData(413, ProxmoxErrorKind.BadParameter)]
    [InlineData(429, ProxmoxErrorKind.ServerError)]
    [InlineData(500, ProxmoxErrorKind.ServerError)]
    [InlineData(501, ProxmoxErrorKind.ServerError)]
    [InlineData(503, ProxmoxErrorKind.ServerError)]
    [InlineData(506, ProxmoxErrorKind.ServerError)]
    public async Task Other_statuses_have_their_kind_and_a_remedy(int status, ProxmoxErrorKind kind)
    {
        ProxmoxException e = await FailAsync(RemoteType.Pve, status, "why");
        Assert.Equal(kind, e.Kind);
        Assert.True(e.Remedy.Length > 20 && e.Message.Contains("(why)", StringComparison.Ordinal), e.Message);
    }

    [Fact]
    public async Task A_refused_parameter_is_named()
    {
        ProxmoxException e = await FailAsync(RemoteType.Pve, 400, "Parameter verification failed.",
            """{"data":null,"message":"Parameter verification failed.\n","errors":{"statusfilter":"property is not defined in schema"}}""");
        Assert.Equal(ProxmoxErrorKind.BadParameter, e.Kind);
        Assert.Contains("'statusfilter'", e.Remedy, StringComparison.Ordinal);
        Assert.Contains("property is not defined in schema", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forgotten_task_is_not_found()
    {
        await using FakeHost host = await FakeHost.StartAsync(FakeHost.Fail(400, "Parameter verification failed.",
            """{"data":null,"message":"Parameter verification failed.\n","errors":{"upid":"no such task"}}"""));
        using ProxmoxClient client = Given.Pve(host);
        ProxmoxException e = await Given.FailureAsync(() => client.GetTaskStatusAsync("pve1", Given.PveUpid, CancellationToken.None));
        Assert.Equal((ProxmoxErrorKind.NotFound, 400), (e.Kind, e.StatusCode));
    }

    [Fact]
    public async Task Plain_text_that_calls_itself_json_is_shown_as_text()
    {
        ProxmoxException e = await FailAsync(RemoteType.Pbs, 400, null, "parameter verification errors\nparameter 'limit': too large");
        Assert.Contains("parameter verification errors parameter 'limit': too large", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Control_characters_and_length_of_remote_text_are_tamed()
    {
        ProxmoxException e = await FailAsync(RemoteType.Pbs, 500, null, "\u001b[31mred\u202E\u0085" + new string('x', 100_000));
        Assert.DoesNotContain(e.Message, c => char.IsControl(c) || c is '\u202E');
        Assert.Contains("red", e.Message, StringComparison.Ordinal);
        Assert.True(e.Message.Length < 1000);
    }

    [Fact]
    public async Task A_message_of_deep_json_or_wrong_types_is_no_trouble()
    {
        ProxmoxException deep = await FailAsync(RemoteType.Pve, 500, "deep", new string('[', 1000));
        ProxmoxException odd = await FailAsync(RemoteType.Pve, 400, "odd", """{"message":{"a":1},"errors":["x"]}""");
        Assert.Equal(ProxmoxErrorKind.ServerError, deep.Kind);
        Assert.Contains("(odd)", odd.Message, StringComparison.Ordinal);
    }

    private static async Task<ProxmoxException> FailAsync(RemoteType type, int status, string? reason, string body = "")
    {
        await using FakeHost host = await FakeHost.StartAsync(FakeHost.Fail(status, reason, body));
        using var client = new ProxmoxClient(Given.Remote(type, host.Pinned));
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.StartsWith($"Remote 'site-a', endpoint 127.0.0.1:{host.Port}: ", e.Message, StringComparison.Ordinal);
        return e;
    }
}
