using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace RemoteTasks.Server.Api;

/// <summary>The OpenAPI description, made from the same tables that parameters are read by.</summary>
internal static class ApiDescription
{
    internal static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "RemoteTasks";
            document.Info.Description = "Every task of every Proxmox host in one list. All calls but /health need 'Authorization: Bearer TOKEN'.";
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
            document.Components.SecuritySchemes["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            foreach (TaskParameter parameter in context.Description.ActionDescriptor.EndpointMetadata.OfType<IReadOnlyList<TaskParameter>>().SelectMany(all => all))
                (operation.Parameters ??= []).Add(Describe(parameter));
            return Task.CompletedTask;
        });
    });

    /// <summary>Says which parameters an endpoint takes.</summary>
    internal static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, IReadOnlyList<TaskParameter> parameters) =>
        route.WithMetadata(parameters);

    private static OpenApiParameter Describe(TaskParameter parameter)
    {
        var schema = new OpenApiSchema
        {
            Type = parameter.Type switch
            {
                "integer" => JsonSchemaType.Integer,
                "boolean" => JsonSchemaType.Boolean,
                "array" => JsonSchemaType.Array,
                _ => JsonSchemaType.String,
            },
        };
        if (parameter.Name == "statusfilter")
            schema.Items = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. "ok warning error unknown running".Split(' ').Select(text => (JsonNode)text)] };
        else if (parameter.Type == "array")
            schema.Items = new OpenApiSchema { Type = JsonSchemaType.String };
        return new OpenApiParameter
        {
            Name = parameter.Name,
            In = ParameterLocation.Query,
            Description = parameter.Description,
            Schema = schema,
        };
    }
}
