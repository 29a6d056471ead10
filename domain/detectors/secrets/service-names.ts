/** Names of services that give out keys without a shape of their own: a random-looking value beside one is likely such a key. */
export const serviceNames: ReadonlySet<string> = new Set(
  `abuseipdb abstract abyssale accuweather ably activecampaign adafruit adobe adzuna aeroworkflow agora aha airbrake airbyte airship airtable airvisual
  aiven akamai alchemy alegra algolia alibaba aliyun alienvault allsports alphavantage amadeus amazon ambee amplitude anthropic anypoint apache apacta api2cart apideck
  apiflash apify apigee apilayer apimatic apiscience apollo appcues appdynamics appfollow appointedd appoptics appsflyer appsynergy apptivo appveyor appwrite
  aqua artifactory artsy asana assemblyai atera atlassian audd auth0 authy autodesk autoklose autopilot avaza aviationstack aws axiom axonaut aylien ayrshare azure
  backblaze bannerbear baremetrics baseapi beamer beebole besnappy bestbuy betterstack bible billomat binance bing bingmaps bitbar bitbucket bitcoinaverage bitfinex
  bitly bitmex bitrise bittrex blablabus blazemeter blitapp blockfrost blocknative blogger bombbomb boostnote borgbase box braintree brandfetch braze brevo
  browserstack browshot bscscan buddyns budibase bugherd bugsnag buildkite bulbul bulksms buttercms bynder bytescale cadl caflou calendarific calendly calorieninja campayo
  cannyio canva capsulecrm captaindata carboninterface cashboard caspio censys centralstation cerebras cexio channelio chartmogul chatbot chatfule checio checklyhq checkout
  checkvist chief cicero circleci clarifai clearbit clickhelp clicksend clicksendsms clickup cliengo clientary clinchpad clockify clockwork clojars close closecrm cloudconvert
  cloudelements cloudera cloudflare cloudimage cloudinary cloudmersive cloudplan cloudsmith cloverly cloze clustdoc coda codacy codeclimate codecov codemagic codequiry codesandbox
  coffee cohere coinapi coinbase coinlayer coinlib coinmarketcap collect2 column commercejs commodities companyhub confluence confluent contentful contentstack conversiontools convertapi
  convertkit convier copper copyscape couchbase countrylayer courier coveralls craftmypdf crawlbase crowdin crowdstrike cryptocompare currencycloud currencyfreaks currencylayer currencyscoop currents
  customerguru customerio cypress d7network daily dandelion dareboost databox databricks datadog datagov dataiku datarobot debounce deepai deepgram deepl deepseek delighted demio deployhq
  deputy detectify detectlanguage devcycle dfuse diffbot diggernaut digicert digitalocean discogs discord disqus ditto dnscheck dnsimple dnsmadeeasy docker dockerhub docparser documo docusign
  doppler dotdigital dotmailer dovico drata drone droneci dronahq droplr drip dropbox duda duffel duply dwolla dynalist dynatrace dyspatch eagleeye earthdata easyinsight ebay ecostruxure edamam
  edenai eightxeight elastic elasticemail elevenlabs enablex endorlabs enigma envoy equinix eraser esputnik etherscan etsy eventbrite everhour exchangerate exchangeratesapi exportsdk extractorapi
  facebook faceplusplus fairsurvey fastforex fastly fastspring fibery fieldwire figma fileio filestack finage financialmodelingprep findl finicity finnhub firebase fireflies fireworks firecrawl fixer fixerio flatio fleetbase
  flexport flickr flightapi flightlabs flightstats float flowflu flutterwave fmfw formbucket formcraft formio formsite foursquare frameio frankfurter freshbooks freshdesk freshservice friendli front
  ftp fulcrum fullstory fusebill fusionauth fxmarket gcp geckoboard gemini gengo geoapify geocode geocodify geocodio geoipify geonames getemail getemails getgeoapi getgist getresponse getsandbox
  ghost giphy gitea github gitlab gitter glassnode glitterly gocanvas gocardless goodday goodreads google gorgias grafana grandid graphcms graphhopper greenhouse groovehq groq gtmetrix
  guardian gumroad guru gyazo happi happyscribe harness harvest hasura hellosign helpcrunch helpscout here heroku hereapi hetzner hightouch hipchat hiveage holidayapi holistic honeybadger honeycomb host hotjar
  html2pdf hubspot huggingface humanity hunter hunterio hybiscus hypeauditor hypertrack iconfinder iexapis iexcloud imagekit imagga impala imgix imgur immuta infobip infura ingram insightly instabot instagram instamojo
  intercom interseller intrinio intra42 invoiceocean ionic ionos ip2location ipapi ipdata ipgeolocation ipify ipinfo ipqualityscore ipstack jdbc jenkins jfrog jina jira jotform jumpcloud
  juro jumio jupiterone kairos kakao kaleyra kanban kanbantool karma keen keenio keygen kickbox klaviyo klipfolio knapsack knock kontent kraken kucoin kylas languagelayer lark lastfm launchdarkly
  leadfeeder leanplum lemlist lemonsqueezy lendflow lessannoyingcrm lexigram linear linemessaging linenotify linkedin linkpreview liquidplanner livestorm loadmill lob locationiq logdna loggly loginradius logzio lokalise looker
  loyverse lunchmoney luno macaddress madkudu mailboxlayer mailchimp mailerlite mailersend mailgun mailinator mailjet mailmodo mailsac mandrill mapbox mapquest marketstack mattermost mavenlink maxmind mediastack
  meistertask meraki mercury mesibo messagebird metaapi metabase metrilo microsoft midise mindmeister miro mite mistral mixcloud mixmax mixpanel mockaroo moderation monday mongodb monkeylearn moonclerk moonclerk
  moosend moralis mrticktock mux myfreshworks myintervals naver neon neptune netcore netlify netsuite neutrinoapi newrelic newsapi newscatcher nexmo nftport ngc ngrok nicereply nightfall nimble
  noticeable notion novu nozbe npm nubela nuget numverify nutritionix nvidia nylas nytimes oanda octopus okta omnisend oncehub onedesk onelogin onepagecrm onesignal onfleet onwater oopspam openai opencage openrouter
  openuv openvpn openweather openweathermap opsgenie optimizely optidash oracle orbit orshot otter outbrain outreach overloop owlbot packagecloud packagist paddle pagarme pagerduty pandadoc pandascore paperform paralleldots
  parsehub parsers parseur partnerstack pastebin paydirt paylocity paymo paymongo paypal paystack pdflayer pdfshift peopledatalabs perigon perplexity persona pinata pinecone pingdom pinterest pipedream pipedrive pivotaltracker pixabay
  plaid plaidkey planetscale plangrid planviewleankit planyo plausible pleroma plivo podio pollsapi poloniex polygon polymail positionstack posthog postageapp postbacks poster postgres postman postmark powrbot prefect prismic privacy
  privatekey prodpad prospectcrm protocolsio proxycrawl pubnub pulumi pure360 purestake pushbullet pusher pushover pypi qase qualaroo qualtrics qubole quickmetrics quicknode ramp rapid7 rapidapi raven rawg razorpay
  readme reallysimplesystems rebrandly recaptcha recharge recurly reddit redis refiner rentman repairshopr replicate replyio requestfinance resend restpack restpackhtml revenuecat rev revampcrm riotgames ringcentral ritekit
  roaring robinhood rocketreach rocketchat rollbar route4me rownd rubygems runrunit runway salesblink salescookie salesflare salesforce salesloft salesmate samsara sanity satismeter saucelabs scalewaykey scaleway scalr scraperapi scraperbox
  scraperio scrapestack scrapfly scrapingant scrapingbee screenshotapi screenshotlayer scrutinizer securitytrails segment selectpdf semaphore semaphoreci sendbird sendgrid sendinblue sendpulse sendowl sentiment sentry
  serphouse serpapi serpstack serverless servicenow sheety sherpadesk shippo shipday shipstation shodan shopify shortcut shotstack shutterstock signable signalwire signaturit signupgenius sigopt simfin simplesat simplynoted simvoly
  sinch siteground sirv skrapp skybiometry slack sllack smartsheet smartystreets smooch smsapi snapchat snipcart snowflake snyk socket softlayer solarwinds sonarcloud sonarqube sonar soundcloud sourcegraph sparkpost speechify speechtext
  spectralops splunk spoonacular sportradar sportsmonk spotify square squareup squarespace sslmate stability statuscake statuspage statsig steam stitchdata stockdata storecove stormboard stormglass storyblok storychief strava
  streak streamlabs stripe stripo strongdm stytch submittable subscan sugester sumologic supabase supernotes surge surveyanyplace surveybot surveymonkey surveysparrow survicate swell swiftype tableau tailscale tallyfy tatum
  tavily taxjar teamgate teamwork teamviewer technicalanalysis telegram teletype telnyx tencent terraform testingbot text2data textmagic theoddsapi thinkific thousandeyes ticketmaster ticktick tiingo timecamp timekit
  tineswebhook tly tmetric todoist toggl together toggltrack tomorrowio tomtom tradier transferwise travelpayouts travis travisci trello trufflehog tumblr turso twelvedata twilio twist twitch twitter tyntec typeform typesense typetalk ubidots
  uclassify unify unifyid unplugg unsplash upcdatabase uplead uploadcare upstash uptimerobot upwave urlscan userflow userstack vagrant vatlayer vbout vercel verifalia veriphone versioneye verimail viewneo vimeo virustotal visualcrossing
  voicegain voiceflow vonage vouchery vpnapi vultr vyte walkscore wandb weatherbit weatherstack webex webflow webscraper webscraping wepay whatcms whoxy wistia wit wiz woocommerce wordpress workato workday worksnaps workstack worldcoinindex worldweather wrike xai xata xero yahoo yandex
  yelp youneedabudget youtube yousign zapier zendesk zenkit zenloop zenrows zenscrape zenserp zeplin zerobounce zerotier zipapi zipbooks zipcodeapi zipcodebase zoho zoom zonkafeedback zulip zuora`
    .split(/\s+/)
    .filter((name) => name.length > 2),
);

/** Words that make a random-looking value beside them a key more likely than not. */
export const keyContextWords: ReadonlySet<string> = new Set(
  'key keys token tokens secret secrets apikey password passwd credential credentials creds auth authorization bearer signature license sid client account access private webhook cookie session'.split(
    ' ',
  ),
);

/** Words that explain a random-looking value as something public. */
export const publicValueWords: ReadonlySet<string> = new Set(
  'sha sha1 sha256 sha384 sha512 md5 hash hashes digest checksum checksums integrity commit commits revision rev blob tree etag fingerprint thumbprint nonce uuid guid image layer trace span traceid spanid requestid correlation crc build version resolved tarball base64 png jpeg jpg gif svg woff font public ssh-rsa ssh-ed25519 certificate cert modulus pubkey'.split(
    ' ',
  ),
);
