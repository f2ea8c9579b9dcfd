namespace RemoteTasks.Server.Security;

/// <summary>What browsers are told: nothing from other hosts, nothing inline, no frames, no guessing.</summary>
internal static class SecurityHeaders
{
    internal static HeaderPolicyCollection Policy() => new HeaderPolicyCollection()
        .AddContentSecurityPolicy(csp =>
        {
            csp.AddDefaultSrc().None();
            csp.AddScriptSrc().Self();
            csp.AddStyleSrcElem().Self();

            // Rows and bars have their places from attributes, which Blazor sets as such; an attribute cannot load anything.
            csp.AddStyleSrcAttr().UnsafeInline();
            csp.AddConnectSrc().Self();
            csp.AddImgSrc().Self().Data();
            csp.AddFontSrc().Self();
            csp.AddFrameAncestors().None();
            csp.AddBaseUri().Self();
            csp.AddFormAction().Self();
        })
        .AddContentTypeOptionsNoSniff()
        .AddFrameOptionsDeny()
        .AddReferrerPolicySameOrigin()
        .AddCrossOriginOpenerPolicy(policy => policy.SameOrigin())
        .AddCrossOriginResourcePolicy(policy => policy.SameOrigin());
}
